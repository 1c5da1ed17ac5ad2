import type { Topic } from '../channels/topic'
import type { Client } from '../clients/client'
import { shortHash } from '../short-hash'

/** A member as encoded in its index entry. */
export interface ListedMember {
  readonly id: string
  /** The member's description of itself, as JSON. */
  readonly info: string
}

/**
 * Derives the id of a member from the user of its token, otherwise from its session (`clientId`), otherwise from its
 * connection. So all connections of a user are one member. The id is a hash that includes the room: it reveals none of
 * these, and differs between rooms.
 */
export function memberId(topic: Topic, { identity, session, connectionId }: Client): string {
  const who = identity ? ['user', identity.subject] : session === undefined ? [connectionId] : ['session', session]
  return shortHash([topic, ...who], 12)
}

/** Encodes a member as `<id>:<info>`. An id contains no colon. */
export function memberText({ id, info }: ListedMember): string {
  return `${id}:${info}`
}

/** Parses the output of `memberText`. */
export function readMember(text: string): ListedMember {
  const end = text.indexOf(':')
  return { id: text.slice(0, end), info: text.slice(end + 1) }
}
