import { wholeNumber } from '../environment'

/** How long the log keeps an event: `MESSAGES_TTL_SECONDS`, a day unless it is set. */
export function readLogTtlSeconds(environment: NodeJS.ProcessEnv = process.env): number {
  return wholeNumber('MESSAGES_TTL_SECONDS', { byDefault: 24 * 60 * 60 }, environment)
}
