import * as v from 'valibot'
import { InvalidEvent } from '../channels/decode'
import type { Channels } from '../channels/definition'
import { parseWireEvent } from '../channels/wire'
import { assignmentOf, parseHandedOn, type Task } from './assignment'

/** A message that a publisher is invoked with. */
export interface IncomingMessage {
  /** The same each time that the message is brought. */
  readonly id: string
  /** What the function would have to be invoked with to get this message alone. */
  readonly input: unknown
  /** When it was published, in epoch milliseconds, if the message says so. */
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
 * The messages in what a function is invoked with: records of SNS, an event of EventBridge, which has the event as its `detail`, a list
 * of events, as EventBridge Pipes sends them, or an event itself.
 *
 * @param invocationId the same each time that Lambda tries the same invocation again
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

/** What a message asks for. Throws an InvalidEvent that names what is wrong with it. */
export function taskOf({ id, sentAtMs, read }: IncomingMessage, channels: Channels, nowMs: number): Task {
  const message = read()
  return parseHandedOn(message) ?? assignmentOf(parseWireEvent(message, channels, id), sentAtMs ?? nowMs)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidEvent('Expected the message to be JSON.')
  }
}
