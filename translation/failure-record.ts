import * as v from 'valibot'

const FailureRecord = v.object({
  requestContext: v.object({ functionArn: v.string() }),
  requestPayload: v.object({ Records: v.array(v.object({ Sns: v.object({ Message: v.string() }) })) }),
})

export interface TranslationFailure {
  readonly language: string
  /** Messages of the SNS topic of requests that were not translated. */
  readonly messages: readonly string[]
}

/**
 * Parses Lambda's record for an on-failure destination, about a translator that failed for good ("Capturing records of
 * Lambda asynchronous invocations"). The name of the translator contains the language: serverless.yml. Throws an Error
 * if it does not.
 */
export function parseFailureRecord(record: unknown): TranslationFailure {
  const { requestContext, requestPayload } = v.parse(FailureRecord, record)
  const [, language] = /.*-translate-([a-zA-Z-]+)(?::|$)/.exec(requestContext.functionArn) ?? []
  if (language === undefined) throw new Error(`${requestContext.functionArn} has no language in its name.`)
  return { language, messages: requestPayload.Records.map(({ Sns }) => Sns.Message) }
}
