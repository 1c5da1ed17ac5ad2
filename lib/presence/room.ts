import * as v from 'valibot'
import { fromAttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'
import { hasExpired, readListed } from '../clients/items'
import { roomKey } from '../clients/keys'
import { readMember } from './members'

/** A member of a room. */
export interface Member<Info = unknown> {
  /** The same through all connections of the member, and different in each room. */
  readonly id: string
  /** The member's description of itself. */
  readonly info: Info
}

/** The state of a room. */
export interface Present<Info = unknown> {
  /** When the room was read, in ISO 8601, UTC. The state with the latest time is the truth. */
  readonly at: string
  readonly count: number
  /** All members, ordered by id; null if there are more than 100. */
  readonly members: readonly Member<Info>[] | null
  /** The ids of members that were not in the previous state; empty if one of the two states lists no members. */
  readonly joined: readonly string[]
  /** The ids of members that were in the previous state and are not in this one; empty in the same case. */
  readonly left: readonly string[]
}

const stateItem = v.object({
  readAtMs: v.number(),
  count: v.number(),
  members: v.nullish(v.pipe(v.string(), v.parseJson(), v.array(v.object({ id: v.string(), info: v.unknown() }))), null),
})

/** The last state that was sent to the members of a room. */
export type RoomState = Readonly<v.InferOutput<typeof stateItem>>

/** The entries of a room in the index. */
export interface Listing {
  readonly members: ReadonlyMap<string, Member>
  /** The keys of entries whose members have departed and not returned in time. */
  readonly departed: readonly { readonly connectionId: string; readonly id: string }[]
}

/** How long the items of a room are kept after the last state: longer than the delay of a check. */
export const keptSeconds = 24 * 60 * 60

/** Reads the members of rooms from the index, and stores the last state that was sent to each room. */
export function createRooms({ table, now = Date.now }: TableAndClock) {
  return {
    /** One consistent read. @returns an empty room if none was stored within a day */
    async stateOf(topic: Topic): Promise<RoomState> {
      const item = await table.get(roomKey(topic, 'state'))
      return item ? v.parse(stateItem, fromAttributeMap(item)) : { readAtMs: 0, count: 0, members: [] }
    },

    /** @returns false if the stored state was read later */
    async put(topic: Topic, { readAtMs, count, members }: RoomState): Promise<boolean> {
      const ttl = Math.floor(now() / 1_000) + keptSeconds
      const item = {
        ...roomKey(topic, 'state'),
        readAtMs,
        count,
        members: members ? JSON.stringify(members) : undefined,
        ttl,
      }
      return (await table.put(item, where`attribute_not_exists(id) OR readAtMs < ${readAtMs}`)) !== undefined
    },

    /**
     * Reads the members of a room with one query of the index, page by page, until `atMost` are found. Connections of
     * the same member are one entry; the description of a live connection takes precedence over that of a departed one.
     */
    async list(topic: Topic, atMost = Infinity): Promise<Listing> {
      const members = new Map<string, Member>()
      const lingering = new Map<string, Member>()
      const departed: Listing['departed'][number][] = []
      const projection = 'connectionId, id, operation, #ttl'
      for await (const items of table.pages({ index: 'topic', keys: where`topic = ${topic}`, projection })) {
        for (const item of items) {
          const { member, hasDeparted, expiresAtSeconds } = readListed(textOf(item, 'operation'))
          if (member === undefined) continue
          if (hasExpired(item, now(), expiresAtSeconds)) {
            if (hasDeparted) departed.push({ connectionId: textOf(item, 'connectionId'), id: textOf(item, 'id') })
            continue
          }
          const { id, info } = readMember(member)
          const found = hasDeparted ? lingering : members
          if (!found.has(id)) found.set(id, { id, info: JSON.parse(info) as unknown })
        }
        if (members.size >= atMost) break
      }
      for (const [id, member] of lingering) if (!members.has(id)) members.set(id, member)
      return { members, departed }
    },
  }
}

export type Rooms = ReturnType<typeof createRooms>

/** Describes a state as clients receive it. Without a previous state, `joined` and `left` are empty. */
export function presentOf(state: RoomState, previous = state): Present {
  const { readAtMs, count, members } = state
  const at = new Date(readAtMs).toISOString()
  const changes = members && previous.members
  return {
    at,
    count,
    members,
    joined: changes ? missingIn(previous.members, members) : [],
    left: changes ? missingIn(members, previous.members) : [],
  }
}

/** The ids of `members` that are not in `others`. */
function missingIn(others: readonly Member[], members: readonly Member[]): readonly string[] {
  const known = new Set(others.map(({ id }) => id))
  return members.flatMap(({ id }) => (known.has(id) ? [] : [id]))
}
