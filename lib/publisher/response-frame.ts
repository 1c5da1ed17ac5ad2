import type { SharedOperation } from '../clients/items'
import type { Subscriber } from '../clients/subscribers'
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

/** Executes an operation against an event. */
export async function responseFrame(
  { callbackUrl, dialect, request }: SharedOperation,
  event: unknown,
  { operations, contextValue }: { readonly operations: Operations; readonly contextValue: unknown },
): Promise<ResponseFrame> {
  const result = await operations.respond(request, event, contextValue)
  const around = dialects[dialect].event(eventWithinFrameLimit(JSON.stringify(result)))
  return { callbackUrl, head: sharedText(around.head), around }
}

/** What follows the head for one subscriber. */
export function restOfFrame({ around }: ResponseFrame, { operationId }: Pick<Subscriber, 'operationId'>): string {
  return frameEnd(around, operationId)
}
