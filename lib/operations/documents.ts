import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from 'graphql'
import { remember } from '../remember'
import type { DocumentRules } from './document-rules'
import type { OperationOutcome } from './outcome'
import { subscriptionRootRule } from './subscription-root'

/** An executable document, or the reason why it is not executable. */
type PreparedDocument =
  | { readonly kind: 'valid'; readonly document: DocumentNode }
  | Extract<OperationOutcome, { readonly kind: 'syntaxError' | 'invalid' }>

/** Maximum number of cached documents. */
const maxCached = 500

/** A longer document is not cached: few are, and one client could fill the memory with them. */
const maxCachedLength = 20_000

/**
 * Parses and validates documents and caches the outcomes in memory, because clients send the same few documents over
 * and over. The oldest outcome is evicted first.
 *
 * @param limits omitted for stored subscriptions, which were checked when they were stored
 */
export function documentPreparer({
  schema,
  limits,
}: {
  schema: GraphQLSchema
  limits?: DocumentRules | undefined
}): (source: string) => PreparedDocument {
  const cache = new Map<string, PreparedDocument>()
  return (source) => {
    const known = cache.get(source)
    if (known) return known
    const prepared = prepare(source)
    if (source.length <= maxCachedLength) remember(cache, source, prepared, maxCached)
    return prepared
  }

  function prepare(source: string): PreparedDocument {
    try {
      // oxlint-disable-next-line typescript/no-deprecated -- its new name is unknown to earlier versions of graphql 16
      const document = parse(source, { maxTokens: limits?.maxTokens })
      const errors = validateDocument(schema, document, limits?.rules)
      return errors.length > 0 ? { kind: 'invalid', errors } : { kind: 'valid', document }
    } catch (error) {
      if (error instanceof GraphQLError) return { kind: 'syntaxError', error }
      throw error
    }
  }
}

/** Validates a document by the rules of the GraphQL specification and further ones. */
export function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[] = [],
): readonly GraphQLError[] {
  const errors = validate(schema, document, [subscriptionRootRule])
  return errors.length > 0 ? errors : validate(schema, document, [...rules, ...specifiedRules])
}
