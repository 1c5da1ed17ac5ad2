import type { Identity } from '../lib/identity'
import type { LoggedMessageEvent } from './message-event'
import type { TranslationRequest } from '../translation/translation-request'
import type { Topic } from '../lib/operations/topic'

/** What resolvers may use. A resolver calls nothing else outside of itself. */
export interface GraphqlContext {
  /**
   * Who asks; undefined if they have shown no token. The `resolve` of a subscription field has none: its result goes to everyone
   * who asked for the same. Who may receive what is decided by `subscribe`, which chooses topics.
   */
  readonly identity: Identity | undefined
  /** Hands a message to the translators. Resolves once they are sure to hear of it; throws if they are not. */
  readonly requestTranslations: (request: TranslationRequest) => Promise<void>
  /** The first messages after a number that were published to one of these topics, in their order. */
  readonly readMessages: (wanted: WantedMessages) => Promise<readonly LoggedMessageEvent[]>
  readonly newId: () => string
  readonly now: () => Date
}

export interface WantedMessages {
  /** The topic that names the log. */
  readonly log: Topic
  readonly topics: readonly Topic[]
  readonly after: number
  readonly first: number
}
