import { GraphQLError } from 'graphql'
import type { Client } from '../clients/client'
import type { Clients } from '../clients/clients'
import { optionalWholeNumber, wholeNumber } from '../environment'
import type { OperationId, OperationRequest } from '../operations/request'

/** The limits of a connection. */
export interface Limits {
  /** Bytes of UTF-8 of an operation's id; at most 1,000. */
  readonly maxOperationIdBytes: number
  /** Subscriptions of one connection. */
  readonly maxSubscriptions: number
  /** Bytes of UTF-8 of a subscription's document and variables together. */
  readonly maxSubscriptionBytes: number
  /** Maximum number of operations per connection and 10 s; undefined: no limit, which saves a write per operation. */
  readonly maxOperationsPer10Seconds: number | undefined
}

/** A range key has at most 1,024 bytes ("Quotas in Amazon DynamoDB") and contains the operation id. */
const longestOperationIdBytes = 1_000

/** Reads the limits of a stage from environment variables, each with a default. By default the rate is unlimited. */
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

/** Counts an operation of a client. @returns an error if the client has started too many in the current 10 s */
export async function overRate(
  client: Client,
  { clients, limits }: { readonly clients: Pick<Clients, 'countOperation'>; readonly limits: Limits },
): Promise<GraphQLError | undefined> {
  const max = limits.maxOperationsPer10Seconds
  if (max === undefined || (await clients.countOperation(client, max))) return undefined
  return new GraphQLError(`A connection may start at most ${max} operations in 10 s: wait, then retry.`, {
    extensions: { code: 'RATE_LIMITED' },
  })
}

/** @returns an error if the connection has too many subscriptions, or this one is too large */
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
