import type { Identity } from '../lib/authentication/identity'
import type { TranslationRequest } from '../lib/events/translation-request'

/** What resolvers may use. A resolver calls nothing else outside of itself. */
export interface GraphqlContext {
  /**
   * Who asks; undefined if they have shown no token. The `resolve` of a subscription field has none: its result goes to everyone
   * who asked for the same. Who may receive what is decided by `subscribe`, which chooses topics.
   */
  readonly identity: Identity | undefined
  /** Hands a message to the translators. Resolves once they are sure to hear of it; throws if they are not. */
  readonly requestTranslations: (request: TranslationRequest) => Promise<void>
  readonly newId: () => string
  readonly now: () => Date
}
