import { createConnections } from '../../../lib/gateway/connections'

/** What posts to @connections, without patience. The caller destroys it. */
export function createSender(maxConnections = 5): ReturnType<typeof createConnections> {
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
  const timeouts = { connectTimeoutMs: 2_000, responseTimeoutMs: 2_000 }
  return createConnections({ region: 'us-east-1', credentials: () => credentials, maxConnections, ...timeouts })
}
