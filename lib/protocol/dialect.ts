import type { GraphQLError } from 'graphql'
import type { OperationOutcome } from '../operations/outcome'

/** `legacy`: subscriptions-transport-ws. `current`: graphql-ws. `raw`: requests and results without an envelope. */
export type DialectName = 'legacy' | 'current' | 'raw'

/**
 * The answer to a message: frames in order, then the close of the connection, if there is a reason for it. API Gateway
 * cannot send the close code, so it is logged.
 */
export interface Answer {
  readonly frames: readonly string[]
  readonly close?: CloseReason
}

export interface CloseReason {
  readonly code: number
  readonly reason: string
  /**
   * Delays the close by about 30 s (`closeDelaySeconds`), because the cause is transient. @connections closes with
   * 1000, on which graphql-ws reconnects without a pause.
   */
  readonly isDelayed?: true
}

/** A client's violation of the protocol. The protocols answer a fault differently. */
export interface ProtocolFault {
  /**
   * `unreadable`: not JSON, or `null`. `unknownType`: an unknown message type. `malformed`: a missing part, or one of
   * the wrong type. `refusedOperation`: an operation that this service does not accept.
   */
  readonly fault: 'unreadable' | 'unknownType' | 'malformed' | 'refusedOperation'
  /** The id of the message, if it has one that an answer can repeat. */
  readonly id: string | number | undefined
  readonly reason: string
}

/** The fault of a message without a type, or with one that the connection's protocol does not define. */
export function unknownMessageType(id: string | number | undefined): ProtocolFault {
  return { fault: 'unknownType', id, reason: 'Invalid message type!' }
}

/** Formats answers for one protocol. */
export interface Dialect {
  readonly name: DialectName

  /** Answers an operation with its outcome. A stored subscription has no answer. */
  answer(id: string, outcome: Exclude<OperationOutcome, { readonly kind: 'subscribed' }>): Answer

  /** Refuses an operation before it is run, for a reason outside the protocol. */
  refusal(id: string, error: GraphQLError): Answer

  /** Answers a message that violates the protocol. */
  protocolError(fault: ProtocolFault): Answer

  /**
   * Reports an internal failure while handling a message without an operation. The client must reconnect, after a
   * delay.
   */
  failure(error: GraphQLError): Answer

  /** Reports that the connection is not registered or has expired, so the client must reconnect. */
  unregistered(id: string | number | undefined): Answer

  /**
   * Refuses `connection_init` permanently: its token is invalid, a required token is missing, or its parameters are
   * invalid. The raw dialect has no `connection_init`.
   */
  forbidden?(reason: string): Answer

  /** The frame that ends a subscription from the server; undefined if the dialect has none. */
  complete(id: string): string | undefined

  /** The frame of a response event, without its end. It is the same for all subscribers of an operation. */
  eventHead(payload: string): string

  /** The end of that frame, for the subscriber whose operation has this id. */
  eventEnd(id: string): string
}

export const connectionLost = 'This connection is not registered, or has expired: connect again.'
