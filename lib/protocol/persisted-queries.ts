/**
 * What Apollo Client understands as that persisted queries are not supported: it sends the whole document then, and no hash any more
 * ("Automatic persisted queries", Apollo Server).
 */
export const persistedQueryNotSupported = {
  message: 'PersistedQueryNotSupported',
  code: 'PERSISTED_QUERY_NOT_SUPPORTED',
} as const

/** Whether the parameters of a request have the hash of a document in its place. */
export function isPersistedQuery(parameters: unknown): boolean {
  if (!isObject(parameters) || (parameters['query'] ?? undefined) !== undefined) return false
  const { extensions } = parameters
  return isObject(extensions) && isObject(extensions['persistedQuery'])
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
