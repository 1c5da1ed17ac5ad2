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
 * What the SDK's provider chain would find. On Lambda that is the environment, which Lambda keeps valid; its other links (profiles,
 * SSO, containers, instances) are 280 KB and a third of a function's load time, so they are not bundled: on a laptop they are
 * where the name says.
 */
async function resolveCredentials(): Promise<AwsCredentials> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (AWS_ACCESS_KEY_ID !== undefined && AWS_SECRET_ACCESS_KEY !== undefined) {
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN !== undefined && AWS_SESSION_TOKEN !== '' && { sessionToken: AWS_SESSION_TOKEN }),
    }
  }
  const unbundled = ['@aws-sdk', 'credential-provider-node'].join('/')
  const { defaultProvider } = (await import(unbundled)) as typeof import('@aws-sdk/credential-provider-node')
  return defaultProvider()()
}
