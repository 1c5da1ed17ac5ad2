import * as v from 'valibot'

/** A message in the queue of failed events, by its sender. */
export type FailedEvent =
  /** From Lambda: a function failed to handle the event for good. */
  | { readonly kind: 'unhandled'; readonly functionArn: string; readonly why: string; readonly event: unknown }
  /** From SNS: it could not deliver the event to a function that subscribes to the topic. */
  | {
      readonly kind: 'unreached'
      readonly topicArn: string
      readonly subscriptionArn?: string
      readonly event: unknown
    }

/**
 * Parses a message of the queue of failed events. Throws if neither Lambda nor SNS can have sent it.
 *
 * Lambda writes a record ("Capturing records of Lambda asynchronous invocations"), and `publish` writes the same
 * format. If translationFailed failed too, its record contains the translator's: the innermost event is the one to
 * handle again. SNS writes the notification that it could not deliver.
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
  /** Contains the subscription. */
  UnsubscribeURL: v.optional(v.string()),
})

function unreached(notification: v.InferOutput<typeof Notification>): FailedEvent {
  const { TopicArn: topicArn, UnsubscribeURL: url } = notification
  const subscriptionArn = url === undefined ? null : new URL(url).searchParams.get('SubscriptionArn')
  const event = { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns: notification }] }
  return { kind: 'unreached', topicArn, ...(subscriptionArn !== null && { subscriptionArn }), event }
}
