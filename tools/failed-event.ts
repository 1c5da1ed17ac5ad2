import * as v from 'valibot'

/** An event that a function failed to handle for good, and how to have it handled. */
export interface FailedEvent {
  readonly functionArn: string
  readonly why: string
  readonly event: unknown
}

const Record = v.object({
  requestContext: v.object({ functionArn: v.string(), condition: v.string() }),
  requestPayload: v.unknown(),
  responsePayload: v.optional(v.unknown()),
})

const ErrorPayload = v.object({ errorMessage: v.string() })

/**
 * Reads a message of the queue of failed events: what Lambda writes to a destination ("Capturing records of Lambda asynchronous
 * invocations"). What a translator failed at is inside of what translationFailed was asked to tell: the translator's own event is
 * what is to be handled again. Throws if it is no such record.
 */
export function readFailedEvent(body: string): FailedEvent {
  let record = v.parse(Record, JSON.parse(body))
  for (let inner = v.safeParse(Record, record.requestPayload); inner.success;) {
    record = inner.output
    inner = v.safeParse(Record, record.requestPayload)
  }
  const { requestContext, requestPayload, responsePayload } = record
  const error = v.safeParse(ErrorPayload, responsePayload)
  return {
    functionArn: requestContext.functionArn.replace(/:\$LATEST$/, ''),
    why: error.success ? error.output.errorMessage : requestContext.condition,
    event: requestPayload,
  }
}
