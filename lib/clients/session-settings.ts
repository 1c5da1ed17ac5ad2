import { wholeNumber } from '../environment'
import { readLogTtlSeconds } from '../history/settings'
import type { SessionsOptions } from './sessions'

/**
 * How long cuts are kept, which is as long as the log keeps what was published, and how far back one is put that was not noticed at
 * once: `RESUME_REACH_SECONDS`, ten minutes unless it is set, after which API Gateway ends a silent connection.
 */
export function readSessionSettings(
  environment: NodeJS.ProcessEnv = process.env,
): Pick<SessionsOptions, 'ttlSeconds' | 'reachSeconds'> {
  return {
    ttlSeconds: readLogTtlSeconds(environment),
    reachSeconds: wholeNumber('RESUME_REACH_SECONDS', { byDefault: 600 }, environment),
  }
}
