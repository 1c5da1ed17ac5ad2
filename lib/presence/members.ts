import { createHash } from 'node:crypto'
import type { Topic } from '../channels/topic'
import type { Client } from '../clients/client'

/** A member of a room, as its entry of the index spells it. */
export interface ListedMember {
  readonly id: string
  /** What the member says of itself, as JSON. */
  readonly info: string
}

/**
 * Who a client is to the others of a room: the user that its token names, whichever connections they have; else what its `clientId` names,
 * through all its connections; else this connection. The id tells neither of them, and is another one in each room.
 */
export function memberId(topic: Topic, { identity, session, connectionId }: Client): string {
  const who = identity ? ['user', identity.subject] : session === undefined ? [connectionId] : ['session', session]
  return createHash('sha256')
    .update(JSON.stringify([topic, ...who]))
    .digest()
    .subarray(0, 12)
    .toString('base64url')
}

/** An id has no colon. */
export function memberText({ id, info }: ListedMember): string {
  return `${id}:${info}`
}

/** What `memberText` has spelled. */
export function readMember(text: string): ListedMember {
  const end = text.indexOf(':')
  return { id: text.slice(0, end), info: text.slice(end + 1) }
}
