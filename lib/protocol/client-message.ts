import { createHash } from 'node:crypto'
import { type EventCursor, parseEventCursor } from '../channels/event-cursor'
import { isObject, type JsonObject, type OperationId, type OperationRequest } from '../operations/request'
import { type DialectName, type ProtocolFault, unknownMessageType } from './dialect'
import { isPersistedQuery, persistedQueryNotSupported } from './persisted-queries'

const notJson = Symbol('not JSON')
const invalid = Symbol('invalid')

/** In characters, each of which may take six bytes of JSON: an answer has at most 128 KB. */
const longestRepeatedId = 16_384

/** One message can hold 60,000 nested levels, which JSON.parse reads. JSON.stringify would overflow its stack. */
const maxLevels = 100

/** A client's message, under its name in the protocol; `raw` is a request without an envelope. */
export type ClientMessage =
  | { readonly type: 'connection_init'; readonly payload: JsonObject | null }
  | { readonly type: 'connection_terminate' }
  | { readonly type: 'ping'; readonly payload: JsonObject | null }
  | { readonly type: 'pong' }
  | OperationMessage
  /** Without an id it is a no-op: there is nothing to stop. */
  | { readonly type: 'stop' | 'complete'; readonly id: OperationId | undefined }
  | InvalidMessage

/** An operation to execute, and its id. */
export interface OperationMessage {
  readonly type: 'start' | 'subscribe' | 'raw'
  readonly id: OperationId
  readonly request: OperationRequest
  /** The event from which the client resumes: `extensions.resume.after`. */
  readonly resumeAfter: EventCursor | undefined
}

/** A message that the protocol does not allow. */
export interface InvalidMessage extends ProtocolFault {
  readonly type: 'invalid'
  /** The dialect that the message appears to use, if any. */
  readonly dialect: DialectName | undefined
}

/** The dialect that defines a message; undefined if both protocols define it, or neither. */
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
    case 'invalid':
      return message.dialect
    case 'connection_init':
      return undefined
  }
}

/**
 * Parses a message and never throws. A message that makes no sense becomes `invalid`, with a reason for the client's
 * developer.
 *
 * @param maxIdBytes maximum length of an operation id, in bytes of UTF-8; it becomes part of a range key (1,024 bytes
 * at most)
 */
export function parseClientMessage(text: string, { maxIdBytes }: { maxIdBytes: number }): ClientMessage {
  const message = parseJson(text)
  if (message === notJson) return unreadable('Expected the message to be valid JSON.')
  if (message === null) return unreadable('Expected the message to be a JSON object, got null.')
  if (!isObject(message)) return unknownType({})
  if (message['type'] === undefined && message['query'] !== undefined) return rawRequest(message)
  return enveloped(message, maxIdBytes)
}

function enveloped(message: JsonObject, maxIdBytes: number): ClientMessage {
  const { type } = message
  switch (type) {
    case 'connection_init':
    case 'ping':
    case 'pong':
      return ofConnection(type, message)
    case 'connection_terminate':
      return { type }
    case 'start':
    case 'subscribe':
      return ofOperation(type, message, maxIdBytes)
    case 'stop':
    case 'complete':
      return endOfOperation(type, message, maxIdBytes)
    default:
      return unknownType(message)
  }
}

function ofConnection(type: 'connection_init' | 'ping' | 'pong', message: JsonObject): ClientMessage {
  const { payload = null } = message
  const dialect = type === 'connection_init' ? undefined : 'current'
  if (payload !== null && !isObject(payload)) {
    return malformed(message, `The "payload" of ${type} must be an object.`, dialect)
  }
  if (isDeeperThan(maxLevels, payload)) {
    return malformed(
      message,
      `The "payload" of ${type} must not be nested more than ${maxLevels} levels deep.`,
      dialect,
    )
  }
  return type === 'pong' ? { type } : { type, payload }
}

function ofOperation(type: 'start' | 'subscribe', message: JsonObject, maxIdBytes: number): ClientMessage {
  const { id, payload } = message
  const dialect = type === 'start' ? 'legacy' : 'current'
  if (typeof id !== 'string' || id === '') {
    return malformed(message, `The "id" of ${type} must be a string that is not empty.`, dialect)
  }
  const reason = idRefusal(id, maxIdBytes)
  if (reason !== undefined) return refusedOperation(message, reason, dialect)
  if (isPersistedQuery(payload)) return refusedOperation(message, persistedQueryNotSupported.message, dialect)
  const request = parseRequest(payload)
  if (typeof request === 'string') return malformed(message, request, dialect)
  // Only the current protocol has extensions; a legacy server ignores them.
  if (type === 'subscribe' && isObject(payload) && !isObject(payload['extensions'] ?? {})) {
    return malformed(message, 'The "extensions" must be an object.', dialect)
  }
  const resume = parseResume(payload)
  if (resume === invalid) return refusedOperation(message, invalidResume, dialect)
  return { type, id: id as OperationId, ...asking(request, resume) }
}

function endOfOperation(type: 'stop' | 'complete', message: JsonObject, maxIdBytes: number): ClientMessage {
  const { id } = message
  if (typeof id === 'string' && id !== '') {
    return { type, id: idRefusal(id, maxIdBytes) === undefined ? (id as OperationId) : undefined }
  }
  if (type === 'stop') return { type, id: undefined }
  return malformed(message, 'The "id" of complete must be a string that is not empty.', 'current')
}

/** The reason why an id cannot be part of a table key; undefined if it can. */
function idRefusal(id: string, maxIdBytes: number): string | undefined {
  if (Buffer.byteLength(id) > maxIdBytes) {
    return `The "id" of an operation must be at most ${maxIdBytes} bytes of UTF-8.`
  }
  // Half of a surrogate pair has no UTF-8 encoding, so another id would be stored.
  return id.isWellFormed() ? undefined : 'The "id" of an operation must be well-formed Unicode.'
}

/**
 * A request without an envelope has no id. Its id is a hash of its content, so that the same request again is the same
 * operation.
 */
function rawRequest(message: JsonObject): ClientMessage {
  const request = parseRequest(message)
  if (typeof request === 'string') return malformed({}, request, 'raw')
  const resume = parseResume(message)
  if (resume === invalid) return malformed({}, invalidResume, 'raw')
  const content = JSON.stringify([request.query, request.variables, request.operationName])
  const id = createHash('sha256').update(content).digest('base64url') as OperationId
  return { type: 'raw', id, ...asking(request, resume) }
}

/** The request in a payload, or a message that says what is wrong with it. */
function parseRequest(payload: unknown): OperationRequest | string {
  if (!isObject(payload)) return 'The "payload" must be an object with a "query".'
  const { query, variables = null, operationName = null } = payload
  if (typeof query !== 'string') return 'The "query" must be a string.'
  if (variables !== null && !isObject(variables)) return 'The "variables" must be an object.'
  if (isDeeperThan(maxLevels, variables))
    return `The "variables" must not be nested more than ${maxLevels} levels deep.`
  if (operationName !== null && typeof operationName !== 'string') return 'The "operationName" must be a string.'
  return { query, variables, operationName }
}

/** The content of `extensions.resume`. */
interface Resume {
  readonly after: EventCursor | undefined
}

/** @returns undefined if the payload has no `extensions.resume` */
function parseResume(payload: unknown): Resume | typeof invalid | undefined {
  const extensions = isObject(payload) ? payload['extensions'] : undefined
  const resume = (isObject(extensions) ? extensions['resume'] : undefined) ?? undefined
  if (resume === undefined) return undefined
  if (!isObject(resume)) return invalid
  const given = resume['after'] ?? undefined
  const after = typeof given === 'string' ? parseEventCursor(given) : undefined
  return given === undefined || after ? { after } : invalid
}

function asking(
  request: OperationRequest,
  resume: Resume | undefined,
): Pick<OperationMessage, 'request' | 'resumeAfter'> {
  return { request: resume ? { ...request, withCursors: true } : request, resumeAfter: resume?.after }
}

const invalidResume =
  'Expected "extensions.resume" to be an object, with or without "after": the "extensions.cursor" of an event of this subscription.'

/**
 * Parses the message, or returns `notJson`. The error itself is dropped: it would quote the message, which may contain
 * a token.
 */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return notJson
  }
}

/** Stops at that depth. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(levels - 1, part))
}

function unreadable(reason: string): InvalidMessage {
  return { type: 'invalid', fault: 'unreadable', dialect: undefined, id: undefined, reason }
}

function unknownType(message: JsonObject): InvalidMessage {
  return { type: 'invalid', dialect: undefined, ...unknownMessageType(idOf(message)) }
}

function malformed(message: JsonObject, reason: string, dialect: DialectName | undefined): InvalidMessage {
  return { type: 'invalid', fault: 'malformed', dialect, id: idOf(message), reason }
}

function refusedOperation(message: JsonObject, reason: string, dialect: DialectName): InvalidMessage {
  return { ...malformed(message, reason, dialect), fault: 'refusedOperation' }
}

/**
 * The id as the client wrote it, so that the client finds its operation even if that id is not valid. An id that would
 * make the answer too long is omitted.
 */
function idOf({ id }: JsonObject): string | number | undefined {
  if (typeof id === 'number') return id
  return typeof id === 'string' && id.length <= longestRepeatedId ? id : undefined
}
