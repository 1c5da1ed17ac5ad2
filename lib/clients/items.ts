import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { identitySchema } from '../authentication/identity'
import type { DialectName } from '../protocol/dialect'
import type { OperationRequest } from '../protocol/client-message'

const subprotocol = v.picklist(['graphql-ws', 'graphql-transport-ws'])

/** The WebSocket sub-protocols that a client may negotiate: subscriptions-transport-ws's and graphql-ws's. */
export type Subprotocol = v.InferOutput<typeof subprotocol>

const epochSeconds = v.pipe(v.number(), v.integer())
const epochMs = v.pipe(v.number(), v.integer())

/** The item of a connection. */
export const clientItem = v.object({
  connectionId: v.string(),
  callbackUrl: v.string(),
  connectedAtMs: epochMs,
  ttl: epochSeconds,
  subprotocol: v.optional(subprotocol),
  acknowledgedAtMs: v.optional(epochMs),
  identity: v.optional(identitySchema),
  windowAtSeconds: v.optional(epochSeconds),
  operations: v.optional(v.number()),
})

/** What a subscription asks for, on the item of its first topic. */
export const operationItem = v.object({
  callbackUrl: v.string(),
  dialect: v.picklist(['legacy', 'current', 'raw']),
  query: v.string(),
  variables: v.nullable(v.record(v.string(), v.unknown())),
  operationName: v.nullable(v.string()),
})

/** What the index holds of a subscription: all that delivery needs, and nothing more, since a fan-out reads one of each. */
export const subscriberItem = v.object({
  connectionId: v.string(),
  id: v.string(),
  operation: v.string(),
  ttl: epochSeconds,
})

/** What subscriptions share that are served with one execution and one frame: all but the connection and the id. */
export interface SharedOperation {
  readonly callbackUrl: string
  readonly dialect: DialectName
  readonly request: OperationRequest
}

/** The name of a shared operation: equal for equal operations, and 22 characters long, since each index entry carries it. */
export function operationHash({ callbackUrl, dialect, request }: SharedOperation): string {
  const content = JSON.stringify([callbackUrl, dialect, request.query, request.variables, request.operationName])
  return createHash('sha256').update(content).digest().subarray(0, 16).toString('base64url')
}
