import type { OperationId } from '../operations/request'

declare const brand: unique symbol

/** Names what a subscription asks for: equal for those that are served alike. `operationHash` makes it. */
export type OperationHash = string & { readonly [brand]: 'OperationHash' }

export interface SubscriptionRef {
  readonly connectionId: string
  readonly operationId: OperationId
}

/** One place to deliver an event to. */
export interface Subscriber extends SubscriptionRef {
  readonly operation: OperationHash
}
