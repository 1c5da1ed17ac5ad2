import * as v from 'valibot'

/** What is in the queue of failed events, by who put it there. */
export type FailedEvent =
  /** Lambda: a function failed to handle it for good. */
  | { readonly kind: 'unhandled'; readonly functionArn: string; readonly why: string; readonly event: unknown }
  /** SNS could not hand it to a function that hears the topic. */
  | {
      readonly kind: 'unreached'
      readonly topicArn: string
      readonly subscriptionArn?: string
      readonly event: unknown
    }

/**
 * Reads a message of the queue of failed events. Throws if it is neither Lambda's nor one of SNS.
 *
 * Lambda writes a record ("Capturing records of Lambda asynchronous invocations"), and `publish` what looks like one. What a translator
 * failed at is inside of what translationFailed was asked to tell: the translator's own event is what is to be handled again. SNS
 * writes the notification that it could not hand over.
 */
export function readFailedEvent(body: string): FailedEvent {
  const json: unknown = JSON.parse(body)
  if (v.is(Record, json)) return unhandled(json)
  return unreached(v.parse(Notification, json))
}

const Record = v.object({
  requestContext: v.object({ functionArn: v.string(), condition: v.string() }),
  requestPayload: v.unknown(),
  responsePayload: v.optional(v.unknown()),
})

const ErrorPayload = v.object({ errorMessage: v.string() })

function unhandled(outermost: v.InferOutput<typeof Record>): FailedEvent {
  let record = outermost
  while (v.is(Record, record.requestPayload)) record = record.requestPayload
  const { requestContext, requestPayload, responsePayload } = record
  return {
    kind: 'unhandled',
    functionArn: requestContext.functionArn.replace(/:\$LATEST$/, ''),
    why: v.is(ErrorPayload, responsePayload) ? responsePayload.errorMessage : requestContext.condition,
    event: requestPayload,
  }
}

const Notification = v.looseObject({
  Type: v.literal('Notification'),
  TopicArn: v.string(),
  MessageId: v.string(),
  Message: v.string(),
  /** Names the subscription. */
  UnsubscribeURL: v.optional(v.string()),
})

function unreached(notification: v.InferOutput<typeof Notification>): FailedEvent {
  const { TopicArn: topicArn, UnsubscribeURL: url } = notification
  const subscriptionArn = url === undefined ? null : new URL(url).searchParams.get('SubscriptionArn')
  const event = { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns: notification }] }
  return { kind: 'unreached', topicArn, ...(subscriptionArn !== null && { subscriptionArn }), event }
}
