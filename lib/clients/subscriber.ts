import type { Brand } from 'valibot'
import type { OperationId } from '../operations/request'

/** A hash of a subscription's operation, made by `operationHash`. Subscriptions with the same hash are served alike. */
export type OperationHash = string & Brand<'OperationHash'>

export interface SubscriptionRef {
  readonly connectionId: string
  readonly operationId: OperationId
}

/** A recipient of events. */
export interface Subscriber extends SubscriptionRef {
  readonly operation: OperationHash
}
