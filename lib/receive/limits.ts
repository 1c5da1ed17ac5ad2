import { onOrOff, type WholeNumber, wholeNumber } from '../environment'
import type { DocumentLimits } from '../operations/document-rules'
import type { Limits } from './receive-message'

/** A range key has at most 1,024 bytes ("Quotas in Amazon DynamoDB"); an operation id is part of one. */
const longestOperationIdBytes = 1_000

/**
 * The limits of a stage on what clients store, each with a default and an environment variable that overrides it, and on how
 * fast they ask, which is no limit unless `MAX_OPERATIONS_PER_10_SECONDS` is set.
 */
export function readLimits(environment: NodeJS.ProcessEnv = process.env): Limits {
  const whole = wholeNumbers(environment)
  return {
    maxOperationIdBytes: whole('MAX_OPERATION_ID_BYTES', { byDefault: 256, atMost: longestOperationIdBytes }),
    maxSubscriptions: whole('MAX_SUBSCRIPTIONS', { byDefault: 100 }),
    maxSubscriptionBytes: whole('MAX_SUBSCRIPTION_BYTES', { byDefault: 8_192 }),
    maxOperationsPer10Seconds: optionalWhole('MAX_OPERATIONS_PER_10_SECONDS', environment),
  }
}

/** The limits of a stage on the documents that it executes, over WebSocket and HTTP alike. The defaults suit a small schema. */
export function readDocumentLimits(environment: NodeJS.ProcessEnv = process.env): DocumentLimits {
  const whole = wholeNumbers(environment)
  return {
    maxTokens: whole('MAX_TOKENS', { byDefault: 1_000 }),
    maxDepth: whole('MAX_DEPTH', { byDefault: 10 }),
    maxAliases: whole('MAX_ALIASES', { byDefault: 15 }),
    maxCost: whole('MAX_COST', { byDefault: 5_000 }),
    introspection: onOrOff('INTROSPECTION', environment),
  }
}

function wholeNumbers(environment: NodeJS.ProcessEnv) {
  return (name: string, range: WholeNumber) => wholeNumber(name, range, environment)
}

function optionalWhole(name: string, environment: NodeJS.ProcessEnv): number | undefined {
  const isSet = (environment[name] ?? '') !== ''
  return isSet ? wholeNumbers(environment)(name, { byDefault: 1 }) : undefined
}
