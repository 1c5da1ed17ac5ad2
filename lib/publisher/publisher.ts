import type { StoredSubscriptions } from '../clients/stored-subscriptions'
import type { Subscriber } from '../clients/subscriber'
import type { Subscribers } from '../clients/subscribers'
import type { SendToSnsTopic } from '../aws/sns-topic'
import type { LateMarks } from '../history/late-marks'
import type { LatestEvents } from './latest-events'
import type { Deliver } from '../gateway/connections'
import type { Assignment } from './assignment'
import type { CutOff } from './cut-off'
import type { Responder } from './response-frame'
import type { FanOutSettings, Settled } from './fan-out'
import type { RefusalRate } from './refusal-rate'

export interface PublisherSettings extends FanOutSettings {
  /** Number of subscribers per invocation, rounded up to a page. Further pages are handed on. */
  readonly maxRecipients: number
  /** Number of invocations that try to serve a recipient before it is cut off. */
  readonly maxRounds: number
}

export interface Publisher extends Responder, CutOff {
  readonly subscribers: Subscribers
  readonly subscriptions: Pick<StoredSubscriptions, 'find' | 'end'>
  readonly lateMarks: Pick<LateMarks, 'put'>
  readonly refusalRate: RefusalRate
  readonly latestEvents: Pick<LatestEvents, 'isSuperseded'>
  readonly deliver: Deliver
  readonly settings: PublisherSettings
  /** Hands an assignment on to another invocation. */
  readonly handOn: SendToSnsTopic
  /**
   * Stores an assignment that will not be retried automatically in the queue of failed events, for an operator to
   * inspect and send again.
   */
  readonly giveUp: (assignment: Assignment, reason: string) => Promise<void>
  /** Called with the outcome for each recipient that is not left to another invocation. */
  readonly onSettled?: (recipient: Subscriber, outcome: Settled) => void
}
