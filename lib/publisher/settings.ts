import type { HttpPoolOptions } from '../http/http-pool'
import { trueOrFalse, wholeNumber } from '../environment'
import type { PublisherSettings } from './publisher'

/** The settings of the publisher and of its HTTP connections; time-outs are in milliseconds. */
export interface PublisherEnvironment extends PublisherSettings {
  readonly connections: Pick<HttpPoolOptions, 'maxConnections' | 'http2' | 'connectTimeoutMs' | 'responseTimeoutMs'>
}

/**
 * Reads the settings from environment variables, each with a default: docs/reference/settings.md describes them. They
 * apply per invocation: two concurrent invocations each have the full rate.
 */
export function readPublisherSettings(environment: NodeJS.ProcessEnv = process.env): PublisherEnvironment {
  const setting = (name: string, byDefault: number) => wholeNumber(name, { byDefault }, environment)
  const concurrency = setting('PUBLISH_CONCURRENCY', 100)
  return {
    concurrency,
    ratePerSecond: setting('PUBLISH_RATE_PER_SECOND', 5_000),
    burst: setting('PUBLISH_BURST', 1_000),
    maxRounds: setting('PUBLISH_MAX_ROUNDS', 3),
    maxRecipients: setting('PUBLISH_MAX_RECIPIENTS', 20_000),
    connections: {
      maxConnections: concurrency,
      http2: trueOrFalse('PUBLISH_HTTP2', { byDefault: true }, environment),
      connectTimeoutMs: setting('PUBLISH_CONNECT_TIMEOUT_MS', 2_000),
      responseTimeoutMs: setting('PUBLISH_POST_TIMEOUT_MS', 5_000),
    },
  }
}
