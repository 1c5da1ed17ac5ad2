import { isObject } from '../operations/request'

/**
 * Tells Apollo Client that persisted queries are not supported: it then sends the whole document, and no more hashes
 * ("Automatic persisted queries", Apollo Server).
 */
export const persistedQueryNotSupported = {
  message: 'PersistedQueryNotSupported',
  code: 'PERSISTED_QUERY_NOT_SUPPORTED',
} as const

/** Whether a request has the hash of a document instead of the document. */
export function isPersistedQuery(parameters: unknown): boolean {
  if (!isObject(parameters) || (parameters['query'] ?? undefined) !== undefined) return false
  const { extensions } = parameters
  return isObject(extensions) && isObject(extensions['persistedQuery'])
}
