import type { AwsCredentials } from './signature'

/**
 * Returns valid credentials: a promise only while they are being renewed, because a fan-out asks for them with each
 * request.
 */
export type CurrentCredentials = () => AwsCredentials | Promise<AwsCredentials>

/** Credentials are renewed this long before they expire: a request takes time, and clocks differ. */
const renewBeforeMs = 5 * 60_000

/**
 * Caches credentials and renews them before they expire, once for all waiting callers. If that fails, these callers
 * receive the error, and the next call retries.
 *
 * @param resolve finds credentials, by default like the SDK
 * @param now a clock in epoch milliseconds
 */
export function rememberCredentials({
  resolve = resolveCredentials,
  now = Date.now,
}: {
  resolve?: () => Promise<AwsCredentials>
  now?: () => number
} = {}): CurrentCredentials {
  let cached: AwsCredentials | undefined
  let renewal: Promise<AwsCredentials> | undefined
  const renew = async () => {
    try {
      cached = await resolve()
      return cached
    } finally {
      renewal = undefined
    }
  }
  return () => {
    if (cached && (!cached.expiration || cached.expiration.getTime() - renewBeforeMs > now())) return cached
    renewal ??= renew()
    return renewal
  }
}

/**
 * Finds credentials in the environment, where Lambda keeps them valid, or by the SDK's provider chain. Only a laptop
 * needs the chain, which is 280 KB and a third of a function's load time: its name is hidden from the bundler.
 */
async function resolveCredentials(): Promise<AwsCredentials> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY) {
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    }
  }
  const unbundled = ['@aws-sdk', 'credential-provider-node'].join('/')
  const { defaultProvider } = (await import(unbundled)) as typeof import('@aws-sdk/credential-provider-node')
  return defaultProvider()()
}
