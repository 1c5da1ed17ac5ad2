import type { GraphQLError } from 'graphql'
import type { OperationOutcome } from '../operations/outcome'

/** `legacy`: subscriptions-transport-ws. `current`: graphql-ws. `raw`: requests and results without an envelope. */
export type DialectName = 'legacy' | 'current' | 'raw'

/**
 * What a message is answered with: the frames in their order, then the end of the connection if there is a reason for it.
 * API Gateway cannot send the close code: it goes into the log.
 */
export interface Answer {
  readonly frames: readonly string[]
  readonly close?: CloseReason
}

export interface CloseReason {
  readonly code: number
  readonly reason: string
}

/** How one protocol says what has happened. */
export interface Dialect {
  readonly name: DialectName

  /** What becomes of an operation that was asked for. */
  answer(id: string, outcome: OperationOutcome): Answer

  /** The operation was refused before it was looked at, for a reason that is not the protocol's. */
  refusal(id: string, error: GraphQLError): Answer

  /** The client sent something that the protocol does not allow. */
  protocolError(id: string | undefined, reason: string): Answer

  /** The connection is over: its record is gone or has expired, so the client must connect again. */
  unregistered(id: string | undefined): Answer

  /** The token that came with `connection_init` opens nothing, or none came where one must. */
  forbidden(reason: string): Answer

  /**
   * The frame that carries a response event, around the JSON text of its operation's id: the head is the same for all
   * subscribers of an operation.
   */
  event(payload: string): FrameAround
}

/** The two ends of a frame; `id` is null where a frame has none. */
export interface FrameAround {
  readonly head: string
  readonly tail: string
  readonly hasId: boolean
}

/** The whole frame for one subscriber. */
export function frameFor({ head, tail, hasId }: FrameAround, id: string): string {
  return hasId ? head + JSON.stringify(id) + tail : head
}

export const connectionLost = 'This connection is not registered, or has expired: connect again.'
