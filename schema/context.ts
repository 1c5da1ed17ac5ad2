import type { Identity, Publish, ReadLog } from 'serverless-graphql-subscriptions'
import type { TranslationRequest } from '../translation/translation-request'

/** Everything that resolvers may use outside of themselves. */
export interface GraphqlContext {
  /** The identity that the client's token asserts; undefined without a token. */
  readonly identity: Identity | undefined
  /** Sends a message to the translators. Resolves once SNS has accepted it. */
  readonly requestTranslations: (request: TranslationRequest) => Promise<void>
  readonly read: ReadLog
  readonly publish: Publish
  readonly newId: () => string
  readonly now: () => Date
}
