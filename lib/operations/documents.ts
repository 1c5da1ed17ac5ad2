import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from 'graphql'

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
 * @param rules what documents must comply with besides the rules of the specification
 * @param maxCached how many documents are remembered
 */
export function documentPreparer({
  schema,
  rules = [],
  maxCached = 500,
}: {
  schema: GraphQLSchema
  rules?: readonly ValidationRule[]
  maxCached?: number
}): PrepareDocument {
  const cache = new Map<string, PreparedDocument>()
  return (source) => {
    const known = cache.get(source)
    if (known) return known
    const prepared = prepare({ schema, source, rules })
    if (source.length <= maxCachedLength) remember(cache, source, prepared, maxCached)
    return prepared
  }
}

function prepare({
  schema,
  source,
  rules,
}: {
  schema: GraphQLSchema
  source: string
  rules: readonly ValidationRule[]
}): PreparedDocument {
  try {
    const document = parse(source)
    const errors = validate(schema, document, [...specifiedRules, ...rules])
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
