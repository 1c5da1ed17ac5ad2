import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, jest } from '@jest/globals'
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
import { bundledFunctions } from '../../support/bundled-functions'

/** A cloud with planned faults, and rooms on it. */
export interface CloudUnderTest {
  readonly cloud: Cloud
  readonly faults: Planned
  readonly tables: Tables
  /**
   * Opens a room: a board and, with `tokenSeconds`, the events of a user. It returns how long the next token is valid.
   */
  readonly openRoom: (options?: RoomOptions) => OpenRoom
  /**
   * Resolves when everything accepted in the rooms is in their logs and has reached their clients, and no function is
   * running. Rejects after 60 s with what is missing.
   */
  readonly untilNothingIsLost: (...rooms: readonly OpenRoom[]) => Promise<void>
  /**
   * Disconnects the clients of the rooms, and publishes once more. Resolves when the clients table has only items that
   * are kept on purpose. Rejects after 60 s with the others.
   */
  readonly untilNothingIsLeft: (...rooms: readonly OpenRoom[]) => Promise<void>
  readonly close: () => Promise<void>
}

export interface RoomOptions {
  readonly tokenSeconds?: () => number
}

export interface OpenRoom extends Room {
  /** The topic of the board's log. */
  readonly topic: Topic
  readonly topics: readonly Topic[]
  readonly clients: readonly ChaosClient[]
  /** How many tokens its clients have requested. */
  readonly tokens: () => number
  /** How many texts of `say` were accepted. */
  readonly accepted: () => number
  /**
   * Adds a client of subscriptions-transport-ws. It must receive every event whose number is greater than `after`;
   * without `after`, every event since it subscribed.
   */
  readonly joinLegacy: (after?: number) => ChaosClient
  /** Adds a client of graphql-ws, with the same rule for `after`. */
  readonly joinCurrent: (after?: number) => SpeakingClient
  /** Publishes a text to all clients of the room, over HTTP. */
  readonly say: (text: string) => Promise<void>
}

const patienceMs = 60_000
jest.setTimeout(6 * patienceMs) // the kills after each call take a minute on a machine that is busy
const betweenLooksMs = 50

type Options = Omit<CloudOptions, 'faults' | 'bundles'>

export async function startCloudUnderTest(options: Options = {}): Promise<CloudUnderTest> {
  process.env[muteNodeWarning] = 'true'
  const faults = createPlanned()
  const cloud = await startCloud({ faults, bundles: bundledFunctions(), ...options })
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
    untilNothingIsLost: (...rooms) => untilNothing(() => whatIsLost(watched(rooms)), cloud),
    async untilNothingIsLeft(...rooms) {
      for (const { leave } of watched(rooms).clients) leave()
      for (const { say } of rooms) await say('Is anybody there?')
      await untilNothing(() => whatIsLeft({ cloud, tables }), cloud)
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
  const token = (seconds: number) => {
    tokens++
    return cloud.token(String(user), seconds)
  }
  const add = <Client extends ChaosClient>(connect: (options: ClientOptions) => Client, after?: number): Client => {
    const name = `client ${clients.length} of ${board}`
    const client = connect({
      name,
      url: cloud.gateway.webSocketUrl,
      room,
      after,
      token: tokenSeconds && (() => token(tokenSeconds())),
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

/** Does not check while functions run, because that would slow them down, except at the end. */
async function untilNothing(wrong: () => Promise<readonly string[]>, { underWay }: Cloud): Promise<void> {
  const endMs = Date.now() + patienceMs
  for (;;) {
    if (underWay() === 0 || Date.now() > endMs) {
      const differences = await wrong()
      if (differences.length === 0) return
      if (Date.now() > endMs) expect(differences).toEqual([])
    }
    await sleep(betweenLooksMs)
  }
}
