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
  /** Subscribers that one invocation serves, give or take a page; the pages after that are handed on. */
  readonly maxRecipients: number
  /** Invocations that try to serve a recipient before it is cut off. */
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
  /** Gives an assignment, or a replay, to another invocation. */
  readonly handOn: SendToSnsTopic
  /** Keeps an assignment that nobody will try again by itself, for somebody to look at and to send again. */
  readonly giveUp: (assignment: Assignment, reason: string) => Promise<void>
  /** Hears what became of each recipient that is not left to another invocation. */
  readonly onSettled?: (recipient: Subscriber, outcome: Settled) => void
}
