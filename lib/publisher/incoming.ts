import * as v from 'valibot'
import { InvalidEvent } from '../channels/decode'
import type { Channels } from '../channels/definition'
import { parseWireEvent } from '../channels/wire'
import { assignmentOf, parseHandedOn, type Task } from './assignment'

/** A message that the publisher is invoked with. */
export interface IncomingMessage {
  /** The same on each delivery of the message. */
  readonly id: string
  /** The function input that consists of this message alone. */
  readonly input: unknown
  /** When it was published, in epoch milliseconds, if the message states it. */
  readonly sentAtMs?: number
  readonly read: () => unknown
}

const time = v.pipe(v.string(), v.isoTimestamp())
const SnsEvent = v.object({
  Records: v.pipe(
    v.array(
      v.looseObject({
        Sns: v.looseObject({ MessageId: v.string(), Message: v.string(), Timestamp: v.optional(time) }),
      }),
    ),
    v.minLength(1),
  ),
})
const EventBridgeEvent = v.object({ id: v.string(), 'detail-type': v.string(), detail: v.unknown() })

/**
 * Extracts the messages from the input of the function: SNS records, an EventBridge event, whose `detail` is the event,
 * a list of events, as EventBridge Pipes sends it, or an event itself.
 *
 * @param invocationId the same on each attempt of Lambda at the invocation
 */
export function incomingMessages(input: unknown, invocationId: string): readonly IncomingMessage[] {
  if (v.is(SnsEvent, input)) {
    return input.Records.map((record) => {
      const { MessageId: id, Message, Timestamp } = record.Sns
      return {
        id,
        input: { Records: [record] },
        ...(Timestamp !== undefined && { sentAtMs: Date.parse(Timestamp) }),
        read: () => parseJson(Message),
      }
    })
  }
  if (Array.isArray(input)) {
    return input.flatMap((part: unknown, n) => incomingMessages(part, `${invocationId}:${n}`))
  }
  if (v.is(EventBridgeEvent, input)) return [{ id: input.id, input, read: () => input.detail }]
  return [{ id: invocationId, input, read: () => input }]
}

/** Parses a message. Throws an InvalidEvent that names the invalid member. */
export function taskOf({ id, sentAtMs, read }: IncomingMessage, channels: Channels, nowMs: number): Task {
  const message = read()
  return parseHandedOn(message) ?? assignmentOf(parseWireEvent(message, channels, id), sentAtMs ?? nowMs)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidEvent('Expected the message to be valid JSON.')
  }
}
