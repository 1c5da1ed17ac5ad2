import { createHash } from 'node:crypto'
import type { DialectName } from './dialect'

declare const brand: unique symbol

/** The id that a client gave its operation: 1 to `maxIdBytes` bytes, any characters. */
export type OperationId = string & { readonly [brand]: 'OperationId' }

export type JsonObject = Readonly<Record<string, unknown>>

/** What a client asks to have executed: the same in every dialect. */
export interface OperationRequest {
  readonly query: string
  readonly variables: JsonObject | null
  readonly operationName: string | null
}

/** A message as a client sends it, under its own name in the protocol; `raw` is a request without an envelope. */
export type ClientMessage =
  | { readonly type: 'connection_init'; readonly payload: JsonObject | null }
  | { readonly type: 'connection_terminate' }
  | { readonly type: 'ping'; readonly payload: JsonObject | null }
  | { readonly type: 'pong' }
  | { readonly type: 'start' | 'subscribe' | 'raw'; readonly id: OperationId; readonly request: OperationRequest }
  | { readonly type: 'stop' | 'complete'; readonly id: OperationId }
  | InvalidMessage

/** What could not be read. `id` is the operation that the client meant, as far as it said so. */
export interface InvalidMessage {
  readonly type: 'invalid'
  readonly id: string | undefined
  readonly reason: string
}

/** The dialect that a message itself belongs to; undefined where both protocols have it, or neither. */
export function dialectOf(message: ClientMessage): DialectName | undefined {
  switch (message.type) {
    case 'start':
    case 'stop':
    case 'connection_terminate':
      return 'legacy'
    case 'subscribe':
    case 'complete':
    case 'ping':
    case 'pong':
      return 'current'
    case 'raw':
      return 'raw'
    case 'connection_init':
    case 'invalid':
      return undefined
  }
}

/**
 * Reads one message. Whatever the text is, it answers with a message: what makes no sense is `invalid`, with a reason that
 * the client's developer can act on.
 *
 * @param maxIdBytes the longest operation id, in bytes of UTF-8; it becomes part of a range key (1,024 bytes at most)
 */
export function parseClientMessage(text: string, { maxIdBytes }: { maxIdBytes: number }): ClientMessage {
  const message = parseJson(text)
  if (message instanceof SyntaxError) return invalid(undefined, `The message is not JSON: ${message.message}`)
  if (!isObject(message)) return invalid(undefined, 'The message must be a JSON object.')
  if (message['type'] === undefined && message['query'] !== undefined) return rawRequest(message)
  return message['type'] === undefined
    ? invalid(undefined, 'The message must have a "type", or be a request with a "query".')
    : enveloped(message, maxIdBytes)
}

function enveloped(message: JsonObject, maxIdBytes: number): ClientMessage {
  const { type, payload = null } = message
  switch (type) {
    case 'connection_init':
    case 'ping':
      if (payload !== null && !isObject(payload))
        return invalid(undefined, `The "payload" of ${type} must be an object.`)
      return { type, payload }
    case 'connection_terminate':
    case 'pong':
      return { type }
    case 'start':
    case 'subscribe':
    case 'stop':
    case 'complete':
      return ofOperation(type, message, maxIdBytes)
    default:
      return invalid(idOf(message), 'Invalid message type!')
  }
}

function ofOperation(
  type: 'start' | 'subscribe' | 'stop' | 'complete',
  message: JsonObject,
  maxIdBytes: number,
): ClientMessage {
  const id = idOf(message)
  if (id === undefined || id === '')
    return invalid(undefined, `The "id" of ${type} must be a string that is not empty.`)
  if (Buffer.byteLength(id) > maxIdBytes) {
    return invalid(id, `The "id" of an operation must be at most ${maxIdBytes} bytes of UTF-8.`)
  }
  if (type === 'stop' || type === 'complete') return { type, id: id as OperationId }
  const request = parseRequest(message['payload'])
  return typeof request === 'string' ? invalid(id, request) : { type, id: id as OperationId, request }
}

/** A request without an envelope has no id: its own content is the id, so that the same one again is the same operation. */
function rawRequest(message: JsonObject): ClientMessage {
  const request = parseRequest(message)
  if (typeof request === 'string') return invalid(undefined, request)
  const content = JSON.stringify([request.query, request.variables, request.operationName])
  return { type: 'raw', id: createHash('sha256').update(content).digest('base64url') as OperationId, request }
}

/** The request in a payload, or a sentence that says what is wrong with it. */
function parseRequest(payload: unknown): OperationRequest | string {
  if (!isObject(payload)) return 'The "payload" must be an object with a "query".'
  const { query, variables = null, operationName = null } = payload
  if (typeof query !== 'string') return 'The "query" must be a string.'
  if (variables !== null && !isObject(variables)) return 'The "variables" must be an object.'
  if (operationName !== null && typeof operationName !== 'string') return 'The "operationName" must be a string.'
  return { query, variables, operationName }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error instanceof SyntaxError ? error : new SyntaxError(String(error))
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function idOf({ id }: JsonObject): string | undefined {
  return typeof id === 'string' ? id : undefined
}

function invalid(id: string | undefined, reason: string): InvalidMessage {
  return { type: 'invalid', id, reason }
}
