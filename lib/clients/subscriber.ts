import type { OperationId } from '../operations/request'

export interface SubscriptionRef {
  readonly connectionId: string
  readonly operationId: OperationId
}

/** One place to deliver an event to. */
export interface Subscriber extends SubscriptionRef {
  /** Names what the subscription asks for: equal for subscribers that are served alike. */
  readonly operation: string
}
