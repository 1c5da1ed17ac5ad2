import type { TranslationRequest } from '../lib/events/translation-request'

/** What resolvers may use. A resolver calls nothing else outside of itself. */
export interface GraphqlContext {
  /** Hands a message to the translators. Resolves once they are sure to hear of it; throws if they are not. */
  readonly requestTranslations: (request: TranslationRequest) => Promise<void>
  readonly newId: () => string
  readonly now: () => Date
}
