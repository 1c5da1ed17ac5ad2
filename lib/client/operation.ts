/** A `start` or `subscribe` as a library sends it. */
export interface OperationMessage {
  readonly id: string
  readonly type: 'start' | 'subscribe'
  readonly payload: OperationPayload
}

export interface OperationPayload {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: unknown
  readonly extensions?: Readonly<Record<string, unknown>>
}

export type OperationKind = 'query' | 'mutation' | 'subscription'

/** An operation that has not ended. */
export interface Operation {
  readonly message: OperationMessage
  readonly kind: OperationKind
  /** When it was sent over the connection that there is, in epoch milliseconds; 0 if it was not. */
  sentAtMs: number
  /** Whether what it missed is still on its way. */
  isBehind: boolean
  /** Whether the application knows that some of what it missed can no longer be sent. */
  isIncomplete: boolean
  /** How often in a row it has failed for a reason that passes, or, as a query, was lost with its connection. */
  failures: number
  /** When it is sent again after such a failure, in epoch milliseconds. */
  retryAtMs: number
  readonly cursors: Cursors
}

/** The cursors of the events that a subscription has received. */
export interface Cursors {
  /** The one of the event with the highest number. */
  latest: string | undefined
  readonly seen: Set<string>
}

/**
 * So many cursors are remembered of each subscription, the latest ones: the service repeats the last 20 s before the
 * event that a client names, and what was served late.
 */
const maxSeen = 10_000

export function newOperation(
  message: OperationMessage,
  cursors: Cursors = { latest: undefined, seen: new Set() },
): Operation {
  const { query, operationName } = message.payload
  const kind = kindOf(query, operationName)
  return { message, kind, sentAtMs: 0, isBehind: false, isIncomplete: false, failures: 0, retryAtMs: 0, cursors }
}

/** Notes that an event has come. @returns whether it is the first time */
export function isNew(cursors: Cursors, cursor: string): boolean {
  const { seen, latest } = cursors
  if (seen.has(cursor)) return false
  seen.add(cursor)
  if (seen.size > maxSeen) for (const oldest of seen.values()) if (seen.delete(oldest)) break
  // A cursor begins with the event's number.
  if (latest === undefined || parseInt(cursor) > parseInt(latest)) cursors.latest = cursor
  return true
}

/** The message with what the service needs to know to go on where this client is. */
export function resuming({ message: { id, type, payload }, cursors }: Operation): string {
  const extensions = { ...payload.extensions, resume: { after: cursors.latest } }
  return JSON.stringify({ id, type, payload: { ...payload, extensions } })
}

/** Reads which kind of operation a document asks for: by its keyword, without comments and strings. */
function kindOf(query: string, operationName: string | null | undefined): OperationKind {
  const bare = query.replace(/#.*|"""[^]*?"""|"(\\.|[^"\\])*"/g, ' ')
  const name = operationName && /^\w+$/.test(operationName) ? `\\s+${operationName}\\b` : ''
  const [, keyword] = new RegExp(`(?:^|})\\s*(mutation|subscription)\\b${name}`).exec(bare) ?? []
  return keyword === 'mutation' || keyword === 'subscription' ? keyword : 'query'
}
