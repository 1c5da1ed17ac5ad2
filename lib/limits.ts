import { ConfigurationError } from './errors'
import type { Limits } from './receive-message'

const defaults: Limits = {
  maxOperationIdBytes: 256,
  maxSubscriptions: 100,
  maxSubscriptionBytes: 8_192,
  maxOperationsPer10Seconds: undefined,
}

/** The limits of a stage: each has a default, and an environment variable that overrides it. */
export function readLimits(environment: NodeJS.ProcessEnv = process.env): Limits {
  return {
    maxOperationIdBytes: positive('MAX_OPERATION_ID_BYTES', environment) ?? defaults.maxOperationIdBytes,
    maxSubscriptions: positive('MAX_SUBSCRIPTIONS', environment) ?? defaults.maxSubscriptions,
    maxSubscriptionBytes: positive('MAX_SUBSCRIPTION_BYTES', environment) ?? defaults.maxSubscriptionBytes,
    maxOperationsPer10Seconds: positive('MAX_OPERATIONS_PER_10_SECONDS', environment),
  }
}

function positive(name: string, environment: NodeJS.ProcessEnv): number | undefined {
  const text = environment[name]
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ConfigurationError(`The environment variable ${name} must be a whole number above 0, not "${text}".`)
  }
  return value
}
