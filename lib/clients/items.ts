import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { identitySchema } from '../authentication/identity'
import type { DialectName } from '../protocol/dialect'
import type { JsonObject, OperationRequest } from '../protocol/client-message'

const subprotocol = v.picklist(['graphql-ws', 'graphql-transport-ws'])

/** The WebSocket sub-protocols that a client may negotiate: subscriptions-transport-ws's and graphql-ws's. */
export type Subprotocol = v.InferOutput<typeof subprotocol>

/** API Gateway ends every connection after two hours ("Quotas for WebSocket APIs"); that cannot be raised. */
export const maxConnectionSeconds = 2 * 60 * 60

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
  session: v.optional(v.string()),
  windowAtSeconds: v.optional(epochSeconds),
  operations: v.optional(v.number()),
})

/** A check, not a copy: a copy would lose the keys that every object has, and those can name variables, too. */
const variablesSchema = v.nullable(
  v.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
)

/** What a subscription asks for, on the item of its first topic. */
export const operationItem = v.object({
  callbackUrl: v.string(),
  dialect: v.picklist(['legacy', 'current', 'raw']),
  query: v.string(),
  variables: v.pipe(v.string(), v.transform(parseVariables)),
  operationName: v.nullable(v.string()),
})

/**
 * Variables are stored as their JSON. As a map they would lose what DynamoDB does not take: numbers of more than 38 digits or
 * above 1e126, more than 32 levels ("Service, account, and table quotas").
 */
export function storedVariables(variables: JsonObject | null): string {
  return JSON.stringify(variables)
}

function parseVariables(text: string): JsonObject | null {
  return v.parse(variablesSchema, JSON.parse(text))
}

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
