import * as v from 'valibot'

const FailureRecord = v.object({
  requestContext: v.object({ functionArn: v.string() }),
  requestPayload: v.object({ Records: v.array(v.object({ Sns: v.object({ Message: v.string() }) })) }),
})

export interface TranslationFailure {
  readonly language: string
  /** The messages on the SNS topic of requests that were not translated. */
  readonly messages: readonly string[]
}

/**
 * Reads what Lambda hands to an on-failure destination when a translator has failed for good ("Capturing records of Lambda
 * asynchronous invocations"). The translator's name tells the language: serverless.yml. Throws an Error if it does not.
 */
export function parseFailureRecord(record: unknown): TranslationFailure {
  const { requestContext, requestPayload } = v.parse(FailureRecord, record)
  const [, language] = /.*-translate-([a-zA-Z-]+)(?::|$)/.exec(requestContext.functionArn) ?? []
  if (language === undefined) throw new Error(`${requestContext.functionArn} is not named after a language.`)
  return { language, messages: requestPayload.Records.map(({ Sns }) => Sns.Message) }
}
