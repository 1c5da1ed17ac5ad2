import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql'
import { remember } from '../remember'
import type { DocumentRules } from './document-rules'
import { subscriptionRootRule } from './subscription-root'

/** An executable document, or the reason why it is not executable. */
export type PreparedDocument =
  | { readonly kind: 'valid'; readonly document: DocumentNode }
  | { readonly kind: 'syntaxError'; readonly error: GraphQLError }
  | { readonly kind: 'invalid'; readonly errors: readonly GraphQLError[] }

export type PrepareDocument = (source: string) => PreparedDocument

/** A longer document is not cached: few are, and one client could fill the memory with them. */
const maxCachedLength = 20_000

/**
 * Parses and validates documents and caches the outcomes in memory, because clients send the same few documents over
 * and over. The oldest outcome is evicted first.
 *
 * @param limits omitted for stored subscriptions, which were checked when they were stored
 * @param maxCached maximum number of cached documents
 */
export function documentPreparer({
  schema,
  limits,
  maxCached = 500,
}: {
  schema: GraphQLSchema
  limits?: DocumentRules | undefined
  maxCached?: number
}): PrepareDocument {
  const cache = new Map<string, PreparedDocument>()
  return (source) => {
    const known = cache.get(source)
    if (known) return known
    const prepared = prepare({ schema, limits, source })
    if (source.length <= maxCachedLength) remember(cache, source, prepared, maxCached)
    return prepared
  }
}

interface Preparing {
  readonly schema: GraphQLSchema
  readonly limits: DocumentRules | undefined
  readonly source: string
}

function prepare({ schema, limits, source }: Preparing): PreparedDocument {
  try {
    const document = parse(source, { maxTokens: limits?.maxTokens })
    for (const rules of [[subscriptionRootRule], [...(limits?.rules ?? []), ...specifiedRules]]) {
      const errors = validate(schema, document, rules)
      if (errors.length > 0) return { kind: 'invalid', errors }
    }
    return { kind: 'valid', document }
  } catch (error) {
    if (error instanceof GraphQLError) return { kind: 'syntaxError', error }
    throw error
  }
}
