import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from '@jest/globals'
import {
  type ChaosClient,
  type ClientOptions,
  currentClient,
  legacyClient,
  type SpeakingClient,
} from '../../../chaos/clients'
import { type Cloud, type CloudOptions, startCloud } from '../../../chaos/cloud'
import { whatIsLeft, whatIsLost } from '../../../chaos/invariants'
import { createPlanned, type Planned } from '../../../chaos/plan'
import { type Room, topicsOf } from '../../../chaos/rooms'
import { openTables, type Tables } from '../../../chaos/tables'
import { channelTopic, type Topic } from '../../../lib/channels/topic'
import { muteNodeWarning } from '../../../lib/local/environment'

/** A cloud with planned faults, and rooms on it. */
export interface CloudUnderTest {
  readonly cloud: Cloud
  readonly faults: Planned
  readonly tables: Tables
  /** With `tokenSeconds`, tokens of that lifetime, and the events of a user beside those of the board. */
  readonly openRoom: (options?: RoomOptions) => OpenRoom
  /**
   * Resolves when every event of a room is in its logs and with its clients, and no function runs; rejects after a
   * time-out.
   */
  readonly untilNothingIsLost: (...rooms: readonly OpenRoom[]) => Promise<void>
  /** Lets the clients of rooms leave. Resolves when none of their items is left; rejects after a time-out. */
  readonly untilNothingIsLeft: (...rooms: readonly OpenRoom[]) => Promise<void>
  readonly close: () => Promise<void>
}

export interface RoomOptions {
  readonly tokenSeconds?: number
}

export interface OpenRoom extends Room {
  /** Of the board's log. */
  readonly topic: Topic
  readonly topics: readonly Topic[]
  readonly clients: readonly ChaosClient[]
  /** How many tokens its clients have asked for. */
  readonly tokens: () => number
  /** The number of accepted events. */
  readonly accepted: () => number
  /**
   * Adds a client of subscriptions-transport-ws, which is due every event after a number, or every event once it is
   * subscribed.
   */
  readonly joinLegacy: (after?: number) => ChaosClient
  /** The same with a client of graphql-ws. */
  readonly joinCurrent: (after?: number) => SpeakingClient
  /** Publishes an event to the room, over HTTP. */
  readonly say: (text: string) => Promise<void>
}

const patienceMs = 30_000
const betweenLooksMs = 50

export async function startCloudUnderTest(options: Omit<CloudOptions, 'faults'> = {}): Promise<CloudUnderTest> {
  process.env[muteNodeWarning] = 'true'
  const faults = createPlanned()
  const cloud = await startCloud({ faults, ...options })
  const tables = openTables(cloud)
  const opened: OpenRoom[] = []
  const watched = (rooms: readonly OpenRoom[]) => ({
    cloud,
    tables,
    clients: rooms.flatMap(({ clients }) => clients),
    accepted: new Map(
      rooms.flatMap(({ topics, accepted }) => topics.map((topic): [Topic, number] => [topic, accepted()])),
    ),
  })

  return {
    cloud,
    faults,
    tables,
    openRoom(roomOptions) {
      const room = openRoom(cloud, roomOptions)
      opened.push(room)
      return room
    },
    untilNothingIsLost: (...rooms) => untilNothing(() => whatIsLost(watched(rooms))),
    async untilNothingIsLeft(...rooms) {
      for (const { leave } of watched(rooms).clients) leave()
      for (const { say } of rooms) await say('Is anybody there?')
      await untilNothing(() => whatIsLeft({ cloud, tables }))
    },
    async close() {
      for (const { leave } of opened.flatMap(({ clients }) => clients)) leave()
      tables.close()
      await cloud.close()
    },
  }
}

function openRoom(cloud: Cloud, { tokenSeconds }: RoomOptions = {}): OpenRoom {
  const board = randomUUID()
  const user = tokenSeconds === undefined ? undefined : `user of ${board}`
  const room = { board, user }
  const clients: ChaosClient[] = []
  let tokens = 0
  let accepted = 0
  const token = () => {
    tokens++
    return cloud.token(String(user), Number(tokenSeconds))
  }
  const add = <Client extends ChaosClient>(connect: (options: ClientOptions) => Client, after?: number): Client => {
    const name = `client ${clients.length} of ${board}`
    const client = connect({
      name,
      url: cloud.gateway.webSocketUrl,
      room,
      after,
      token: user === undefined ? undefined : token,
    })
    clients.push(client)
    return client
  }
  return {
    ...room,
    topic: channelTopic('board', board),
    topics: topicsOf(room),
    clients,
    tokens: () => tokens,
    accepted: () => accepted,
    joinLegacy: (after) => add(legacyClient, after),
    joinCurrent: (after) => add(currentClient, after),
    async say(text) {
      if (await cloud.say(room, text)) accepted++
    },
  }
}

async function untilNothing(wrong: () => Promise<readonly string[]>): Promise<void> {
  const endMs = Date.now() + patienceMs
  for (;;) {
    const differences = await wrong()
    if (differences.length === 0) return
    if (Date.now() > endMs) expect(differences).toEqual([])
    await sleep(betweenLooksMs)
  }
}
