import { setTimeout as sleep } from 'node:timers/promises'
import { createRefusalRate } from '../publisher/refusal-rate'
import { connections, publisherSettings, sessions } from '../resources'

/**
 * What a function needs to post frames to connections, and to cut off those that cannot be served. Create it once per
 * process: it counts how often connections refuse.
 */
export function delivering(callbackUrl: string) {
  return {
    settings: publisherSettings(),
    sessions: sessions(),
    refusalRate: createRefusalRate(),
    deliver: connections().deliver,
    close: (connectionId: string) => connections().close({ callbackUrl, connectionId }),
    clock: { now: Date.now, pause: sleep },
  }
}
