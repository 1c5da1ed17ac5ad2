import { GraphQLError } from 'graphql'
import type { Client } from '../clients/client'
import type { Clients } from '../clients/clients'
import { optionalWholeNumber, wholeNumber } from '../environment'
import type { OperationId, OperationRequest } from '../operations/request'

/** What a connection may store and ask for. */
export interface Limits {
  /** Bytes of UTF-8 of an operation's id; at most 1,000. */
  readonly maxOperationIdBytes: number
  /** Subscriptions of one connection. */
  readonly maxSubscriptions: number
  /** Bytes of UTF-8 of a subscription's document and variables together. */
  readonly maxSubscriptionBytes: number
  /** That a connection may begin; undefined if it may begin any number, which saves a write for each. */
  readonly maxOperationsPer10Seconds: number | undefined
}

/** A range key has at most 1,024 bytes ("Quotas in Amazon DynamoDB"); an operation id is part of one. */
const longestOperationIdBytes = 1_000

/** The limits of a stage, each with a default and an environment variable that overrides it; the rate has no limit by default. */
export function readLimits(environment: NodeJS.ProcessEnv = process.env): Limits {
  return {
    maxOperationIdBytes: wholeNumber(
      'MAX_OPERATION_ID_BYTES',
      { byDefault: 256, atMost: longestOperationIdBytes },
      environment,
    ),
    maxSubscriptions: wholeNumber('MAX_SUBSCRIPTIONS', { byDefault: 100 }, environment),
    maxSubscriptionBytes: wholeNumber('MAX_SUBSCRIPTION_BYTES', { byDefault: 8_192 }, environment),
    maxOperationsPer10Seconds: optionalWholeNumber('MAX_OPERATIONS_PER_10_SECONDS', environment),
  }
}

/** Counts an operation of a client. @returns the error if it has begun too many in these ten seconds */
export async function overRate(
  client: Client,
  { clients, limits }: { readonly clients: Pick<Clients, 'countOperation'>; readonly limits: Limits },
): Promise<GraphQLError | undefined> {
  const max = limits.maxOperationsPer10Seconds
  if (max === undefined || (await clients.countOperation(client, max))) return undefined
  return new GraphQLError(`A connection may begin at most ${max} operations in 10 seconds: wait, and send it again.`, {
    extensions: { code: 'RATE_LIMITED' },
  })
}

/** @returns the error if one more subscription is too many, or this one is too large */
export function overLimit(
  { id, request }: { readonly id: OperationId; readonly request: OperationRequest },
  operationIds: ReadonlySet<OperationId>,
  { maxSubscriptions, maxSubscriptionBytes }: Limits,
): GraphQLError | undefined {
  if (operationIds.size >= maxSubscriptions && !operationIds.has(id)) {
    return limitExceeded(`A connection may have at most ${maxSubscriptions} subscriptions.`)
  }
  const bytes = Buffer.byteLength(request.query) + Buffer.byteLength(JSON.stringify(request.variables))
  if (bytes > maxSubscriptionBytes) {
    return limitExceeded(
      `The document and variables of a subscription may be at most ${maxSubscriptionBytes} bytes together, but are ${bytes}.`,
    )
  }
  return undefined
}

function limitExceeded(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' } })
}
