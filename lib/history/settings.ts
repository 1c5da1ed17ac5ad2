import { wholeNumber } from '../environment'

/** How long the log keeps an event, in seconds: `MESSAGES_TTL_SECONDS`, or one day. */
export function readLogTtlSeconds(environment: NodeJS.ProcessEnv = process.env): number {
  return wholeNumber('MESSAGES_TTL_SECONDS', { byDefault: 24 * 60 * 60 }, environment)
}
