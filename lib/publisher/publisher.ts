import type { Sessions } from '../clients/sessions'
import type { Subscriber, Subscribers } from '../clients/subscribers'
import type { SendToSnsTopic } from '../aws/sns-topic'
import type { LateReadings } from '../history/late-readings'
import type { LatestEvents } from './latest-events'
import type { Deliver } from '../gateway/connections'
import type { Responder } from './response-frame'
import type { Clock, FanOutSettings, Settled } from './fan-out'

export interface PublisherSettings extends FanOutSettings {
  /** Subscribers that one invocation serves, give or take a page; the pages after that are handed on. */
  readonly maxRecipients: number
  /** Invocations that try to serve a recipient. */
  readonly maxRounds: number
}

export interface Publisher extends Responder {
  readonly subscribers: Subscribers
  readonly sessions: Pick<Sessions, 'end' | 'missed' | 'leftBy'>
  readonly lateReadings: Pick<LateReadings, 'note'>
  readonly latestEvents: Pick<LatestEvents, 'isSuperseded'>
  readonly deliver: Deliver
  readonly settings: PublisherSettings
  readonly clock: Clock
  /** Gives an assignment, or a replay, to another invocation. */
  readonly handOn: SendToSnsTopic
  /** Keeps what could not be delivered, for somebody to look at and to send again. */
  readonly giveUp: SendToSnsTopic
  /** Hears what became of each recipient that is not left to another invocation. */
  readonly onSettled?: (recipient: Subscriber, outcome: Settled) => void
}
