import { fromEnv } from '@aws-sdk/credential-provider-env'
import type { AwsCredentials } from './signature'

/** Credentials that can be used now. Not a promise while those at hand are good: a fan-out asks for each request. */
export type CurrentCredentials = () => AwsCredentials | Promise<AwsCredentials>

/** A request may be under way for so long, and clocks differ: credentials are exchanged before they end. */
const renewBeforeMs = 5 * 60_000

/**
 * Remembers credentials and asks for new ones when they are about to end, once for all who wait. If that fails, the callers
 * get the error and the next one asks again.
 *
 * @param resolve where they come from: by default what the SDK would use
 * @param now the clock in epoch milliseconds
 */
export function rememberCredentials({
  resolve = resolveCredentials,
  now = Date.now,
}: {
  resolve?: () => Promise<AwsCredentials>
  now?: () => number
} = {}): CurrentCredentials {
  let known: AwsCredentials | undefined
  let asking: Promise<AwsCredentials> | undefined
  const ask = async () => {
    try {
      known = await resolve()
      return known
    } finally {
      asking = undefined
    }
  }
  return () => {
    if (known && (!known.expiration || known.expiration.getTime() - renewBeforeMs > now())) return known
    asking ??= ask()
    return asking
  }
}

/**
 * The SDK's provider chain. On Lambda it ends at its first link, the environment, so the others (profiles, SSO, containers,
 * instances) are loaded only where that has none.
 */
async function resolveCredentials(): Promise<AwsCredentials> {
  if (process.env['AWS_ACCESS_KEY_ID'] !== undefined && process.env['AWS_PROFILE'] === undefined) return fromEnv()()
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
  return defaultProvider()()
}
