import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'

/** A document that can be executed, or why it cannot. */
export type PreparedDocument =
  | { readonly kind: 'valid'; readonly document: DocumentNode }
  | { readonly kind: 'syntaxError'; readonly error: GraphQLError }
  | { readonly kind: 'invalid'; readonly errors: readonly GraphQLError[] }

export type PrepareDocument = (source: string) => PreparedDocument

/** A document longer than this is not remembered: few are, and one client could fill the memory with them. */
const maxCachedLength = 20_000

/**
 * Parses and validates documents, and remembers the outcome for as long as the process lives: clients send the same few
 * documents over and over. The oldest makes room for the newest.
 *
 * @param maxCached how many documents are remembered
 */
export function documentPreparer({
  schema,
  maxCached = 500,
}: {
  schema: GraphQLSchema
  maxCached?: number
}): PrepareDocument {
  const cache = new Map<string, PreparedDocument>()
  return (source) => {
    const known = cache.get(source)
    if (known) return known
    const prepared = prepare(schema, source)
    if (source.length <= maxCachedLength) remember(cache, source, prepared, maxCached)
    return prepared
  }
}

function prepare(schema: GraphQLSchema, source: string): PreparedDocument {
  try {
    const document = parse(source)
    const errors = validate(schema, document)
    return errors.length > 0 ? { kind: 'invalid', errors } : { kind: 'valid', document }
  } catch (error) {
    if (error instanceof GraphQLError) return { kind: 'syntaxError', error }
    throw error
  }
}

function remember(cache: Map<string, PreparedDocument>, source: string, prepared: PreparedDocument, maxCached: number) {
  const [oldest] = cache.keys()
  if (cache.size >= maxCached && oldest !== undefined) cache.delete(oldest)
  cache.set(source, prepared)
}
