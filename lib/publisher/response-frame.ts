import { InvalidEvent } from '../channels/decode'
import { type ChannelEvent, type Envelope, envelopeOf } from '../channels/envelope'
import { eventCursorText } from '../channels/event-cursor'
import type { Channels } from '../channels/definition'
import type { SharedOperation } from '../clients/items'
import type { Subscriber } from '../clients/subscriber'
import { logMaskedError } from '../observability/logger'
import { maskedError } from '../operations/masked-errors'
import type { Operations } from '../operations/execute'
import type { Dialect } from '../protocol/dialect'
import { dialects } from '../protocol/dialects'
import { eventWithinFrameLimit } from '../protocol/frame-limit'
import { type Delivering, type SharedText, sharedText } from '../gateway/connections'

/** The frame of an event for all subscribers of one operation. Only its end differs between them. */
export interface ResponseFrame {
  readonly callbackUrl: string
  readonly head: SharedText
  readonly dialect: Dialect
}

/** The means to execute operations against events. */
export interface Responder {
  readonly operations: Pick<Operations, 'respond'>
  readonly channels: Channels
  /** Creates the context for resolving an event. It has no identity, because one result serves many subscribers. */
  readonly eventContext: (event: Omit<Envelope<unknown>, 'data'>) => unknown
}

/**
 * Executes an operation against an event. If the channel's schema has changed since the event was logged and rejects
 * its data, subscribers receive an error and continue with the next event. The same holds if the API's `eventContext`
 * throws. A retry would not help.
 */
export async function responseFrame(
  shared: SharedOperation,
  event: ChannelEvent,
  { operations, channels, eventContext }: Responder,
): Promise<ResponseFrame> {
  const cursor = shared.request.withCursors && eventCursorText(event)
  try {
    const { data, ...rest } = await decodeEvent(event, channels)
    return frameOfResult(
      shared,
      await operations.respond(shared.request, { ...rest, data }, eventContext(rest)),
      cursor,
    )
  } catch (error) {
    return frameOfResult(shared, { errors: [maskedError(error, logMaskedError)] }, cursor)
  }
}

/** Decodes an event for resolvers. Throws an InvalidEvent if the API does not have its channel. */
export async function decodeEvent(event: ChannelEvent, channels: Channels): Promise<Envelope<unknown>> {
  const channel = channels.get(event.channel)
  if (!channel) throw new InvalidEvent(`No subscription field has the channel "${event.channel}".`)
  return envelopeOf(event, channel)
}

/** The frame of an existing result. @param cursor is added to `extensions` */
export function frameOfResult(
  { callbackUrl, dialect: name }: SharedOperation,
  result: unknown,
  cursor?: string,
): ResponseFrame {
  const payload = eventWithinFrameLimit(JSON.stringify(result))
  const withCursor = cursor === undefined ? payload : `${payload.slice(0, -1)},"extensions":{"cursor":"${cursor}"}}`
  const dialect = dialects[name]
  return { callbackUrl, head: sharedText(dialect.eventHead(withCursor)), dialect }
}

/** The post of the frame to one of the subscribers. */
export function deliveringOf(
  { callbackUrl, head, dialect }: ResponseFrame,
  { connectionId, operationId }: Pick<Subscriber, 'connectionId' | 'operationId'>,
): Delivering {
  return { callbackUrl, connectionId, head, rest: dialect.eventEnd(operationId) }
}
