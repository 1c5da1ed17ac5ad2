import * as v from 'valibot'
import { fromAttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'
import { readListed } from '../clients/items'
import { roomKey } from '../clients/keys'
import { readMember } from './members'

/** A member of a room. */
export interface Member<Info = unknown> {
  /** The same as long as it is there, through all its connections, and another one in each room. */
  readonly id: string
  /** What it says of itself. */
  readonly info: Info
}

/** Who is in a room. */
export interface Present<Info = unknown> {
  /** When that was read, in ISO 8601, UTC. Of two states, the one that was read later is the truth. */
  readonly at: string
  readonly count: number
  /** All of them, ordered by their ids; null if there are more than 100. */
  readonly members: readonly Member<Info>[] | null
  /** The ids of those who were not in the state before; empty if either of the two lists no members. */
  readonly joined: readonly string[]
  /** The ids of those who were in the state before, likewise. */
  readonly left: readonly string[]
}

/** So many members are listed, with 256 bytes each: at most 32 KB, which API Gateway counts as one message. */
export const maxListed = 100

const stateItem = v.object({
  readAtMs: v.number(),
  count: v.number(),
  members: v.optional(v.pipe(v.string(), v.parseJson(), v.array(v.object({ id: v.string(), info: v.unknown() })))),
})

/** What everyone in a room was sent last. */
export interface RoomState {
  readonly readAtMs: number
  readonly count: number
  readonly members: readonly Member[] | null
}

/** An entry of the index whose member has departed, and has not come back. */
export interface DepartedEntry {
  readonly connectionId: string
  readonly id: string
}

/** Who is in a room, as its entries in the index say. */
export interface Listing {
  readonly members: ReadonlyMap<string, Member>
  readonly departed: readonly DepartedEntry[]
}

/** Kept for longer than a check takes to come. */
const keptSeconds = 24 * 60 * 60

/** The rooms of a table: who is in them now, and what everyone there was sent last. */
export function createRooms({ table, now = Date.now }: TableAndClock) {
  return {
    /** One consistent read. @returns a room without anybody if nobody was there for a day */
    async stateOf(topic: Topic): Promise<RoomState> {
      const item = await table.get(roomKey(topic, 'state'))
      if (!item) return { readAtMs: 0, count: 0, members: [] }
      const { members = null, ...state } = v.parse(stateItem, fromAttributeMap(item))
      return { ...state, members }
    },

    /** @returns false if a state that was read later is there */
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
     * Reads who is in a room now, or as many of them as are wanted: one query of the index, page by page. A user with several connections is one
     * member; what a connection that is there says of it wins over one that has ended.
     */
    async list(topic: Topic, atMost = Infinity): Promise<Listing> {
      const members = new Map<string, Member>()
      const lingering = new Map<string, Member>()
      const departed: DepartedEntry[] = []
      const projection = 'connectionId, id, operation, #ttl'
      for await (const items of table.pages({ index: 'topic', keys: where`topic = ${topic}`, projection })) {
        for (const item of items) {
          const { member, hasDeparted, expiresAtSeconds } = readListed(textOf(item, 'operation'))
          if (member === undefined) continue
          const isOver = Math.min(Number(textOf(item, 'ttl')), expiresAtSeconds) <= now() / 1_000
          if (isOver) {
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

export function byId(a: Member, b: Member): number {
  return a.id < b.id ? -1 : 1
}
