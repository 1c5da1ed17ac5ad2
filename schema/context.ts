import type { Identity, Publish, ReadLog } from 'serverless-graphql-subscriptions'
import type { TranslationRequest } from '../translation/translation-request'

/** What resolvers may use. A resolver calls nothing else outside of itself. */
export interface GraphqlContext {
  /** Who asks; undefined if they have shown no token. */
  readonly identity: Identity | undefined
  /** Hands a message to the translators. Resolves once SNS has it. */
  readonly requestTranslations: (request: TranslationRequest) => Promise<void>
  readonly read: ReadLog
  readonly publish: Publish
  readonly newId: () => string
  readonly now: () => Date
}
