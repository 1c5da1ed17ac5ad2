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
  /**
   * Closes the connection half a minute later (`closeDelaySeconds`), because the cause is transient. @connections closes with 1000, at
   * which graphql-ws reconnects without a pause.
   */
  readonly isDelayed?: true
}

/** What is wrong with a message of a client. The protocols differ in what they answer to which fault. */
export interface ProtocolFault {
  /** Not JSON, or `null`; a type that is none; a part that is missing or of the wrong type; an operation that this service does not take. */
  readonly fault: 'unreadable' | 'unknownType' | 'malformed' | 'refusedOperation'
  /** The id that the message has, if it has one that an answer can repeat. */
  readonly id: string | number | undefined
  readonly reason: string
}

/** The fault of a message that has no type, or one that the connection's protocol does not know. */
export function unknownMessageType(id: string | number | undefined): ProtocolFault {
  return { fault: 'unknownType', id, reason: 'Invalid message type!' }
}

/** How one protocol says what has happened. */
export interface Dialect {
  readonly name: DialectName

  /** What becomes of an operation that was asked for. */
  answer(id: string, outcome: OperationOutcome): Answer

  /** The operation was refused before it was looked at, for a reason that is not the protocol's. */
  refusal(id: string, error: GraphQLError): Answer

  /** The client sent something that the protocol does not allow. */
  protocolError(fault: ProtocolFault): Answer

  /** We failed at a message that asks for no operation, so that no operation can be told: the client must connect again, but not at once. */
  failure(error: GraphQLError): Answer

  /** The connection is over: its record is gone or has expired, so the client must connect again. */
  unregistered(id: string | number | undefined): Answer

  /** `connection_init` is refused for good: its token opens nothing, none came where one must, or its parameters are wrong. */
  forbidden(reason: string): Answer

  /** The frame that ends a subscription from the server; undefined if the dialect has none. */
  complete(id: string): string | undefined

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

/** What follows the head in the frame for one subscriber. */
export function frameEnd({ tail, hasId }: FrameAround, id: string): string {
  return hasId ? JSON.stringify(id) + tail : ''
}

export const connectionLost = 'This connection is not registered, or has expired: connect again.'
