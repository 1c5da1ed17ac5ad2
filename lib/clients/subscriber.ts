import type { Brand } from 'valibot'
import type { OperationId } from '../operations/request'

/** Names what a subscription asks for: equal for those that are served alike. `operationHash` makes it. */
export type OperationHash = string & Brand<'OperationHash'>

export interface SubscriptionRef {
  readonly connectionId: string
  readonly operationId: OperationId
}

/** One place to deliver an event to. */
export interface Subscriber extends SubscriptionRef {
  readonly operation: OperationHash
}
