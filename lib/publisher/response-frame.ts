import { InvalidEvent } from '../channels/decode'
import { type ChannelEvent, type Envelope, envelopeOf } from '../channels/envelope'
import { eventCursorText } from '../channels/event-cursor'
import type { Channels } from '../channels/definition'
import type { SharedOperation } from '../clients/items'
import type { Subscriber } from '../clients/subscriber'
import { logMaskedError } from '../observability/logger'
import { maskedError } from '../operations/masked-errors'
import type { Operations } from '../operations/execute'
import { type FrameAround, frameEnd } from '../protocol/dialect'
import { dialects } from '../protocol/dialects'
import { eventWithinFrameLimit } from '../protocol/frame-limit'
import { type SharedText, sharedText } from '../gateway/connections'

/** The frame for an event, as all get it who share an operation: what differs from one to the other is what comes last. */
export interface ResponseFrame {
  readonly callbackUrl: string
  readonly head: SharedText
  readonly around: FrameAround
}

/** What it takes to execute operations against events. */
export interface Responder {
  readonly operations: Pick<Operations, 'respond'>
  readonly channels: Channels
  /** What resolvers get when an event is resolved: no identity, since one result serves many subscribers. */
  readonly eventContext: (event: Omit<Envelope<unknown>, 'data'>) => unknown
}

/**
 * Executes an operation against an event. An event that was logged before its channel's schema was changed, and does not fit the new
 * one, is an error to its subscribers, who go on with the next; so is one that the API can make no context for. To try again would not help.
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

/** An event as resolvers get it. Throws an InvalidEvent if it is not one of the API's channels. */
export async function decodeEvent(event: ChannelEvent, channels: Channels): Promise<Envelope<unknown>> {
  const channel = channels.get(event.channel)
  if (!channel) throw new InvalidEvent(`No subscription field has the channel "${event.channel}".`)
  return envelopeOf(event, channel)
}

/** The frame of a result that is there already. @param cursor comes with it, in `extensions` */
export function frameOfResult(
  { callbackUrl, dialect }: SharedOperation,
  result: unknown,
  cursor?: string,
): ResponseFrame {
  const payload = eventWithinFrameLimit(JSON.stringify(result))
  const withCursor = cursor === undefined ? payload : `${payload.slice(0, -1)},"extensions":{"cursor":"${cursor}"}}`
  const around = dialects[dialect].event(withCursor)
  return { callbackUrl, head: sharedText(around.head), around }
}

/** What follows the head for one subscriber. */
export function restOfFrame({ around }: ResponseFrame, { operationId }: Pick<Subscriber, 'operationId'>): string {
  return frameEnd(around, operationId)
}
