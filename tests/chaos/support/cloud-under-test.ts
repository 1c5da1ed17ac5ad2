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
import { openTables, type Tables } from '../../../chaos/tables'
import { muteNodeWarning } from '../../../local/environment'

/** A cloud where what goes wrong is planned, and chats on it. */
export interface CloudUnderTest {
  readonly cloud: Cloud
  readonly faults: Planned
  readonly tables: Tables
  readonly openChat: () => Chat
  /** Resolves when all that was posted to a chat is in its log and with its clients, and nothing is under way; rejects if it never is. */
  readonly untilNothingIsLost: (...chats: readonly Chat[]) => Promise<void>
  /** Lets the clients of chats leave. Resolves when nothing is left of them; rejects if something stays. */
  readonly untilNothingIsLeft: (...chats: readonly Chat[]) => Promise<void>
  readonly close: () => Promise<void>
}

export interface Chat {
  readonly chatId: string
  readonly clients: readonly ChaosClient[]
  /** How many messages were accepted. */
  readonly accepted: () => number
  /** Adds a client of subscriptions-transport-ws, to which all that is said after a number is due, or once it is subscribed. */
  readonly joinLegacy: (after?: number) => ChaosClient
  /** Adds a client of graphql-ws, likewise. */
  readonly joinCurrent: (after?: number) => SpeakingClient
  /** Posts a message, through HTTP. */
  readonly say: (text: string) => Promise<void>
}

const patienceMs = 30_000
const betweenLooksMs = 50

export async function startCloudUnderTest(options: Omit<CloudOptions, 'faults'> = {}): Promise<CloudUnderTest> {
  process.env[muteNodeWarning] = 'true'
  const faults = createPlanned()
  const cloud = await startCloud({ faults, ...options })
  const tables = openTables(cloud)
  const opened: Chat[] = []
  const watched = (chats: readonly Chat[]) => ({
    cloud,
    tables,
    clients: chats.flatMap(({ clients }) => clients),
    accepted: new Map(chats.map(({ chatId, accepted }) => [chatId, accepted()])),
  })

  return {
    cloud,
    faults,
    tables,
    openChat() {
      const chat = openChat(cloud)
      opened.push(chat)
      return chat
    },
    untilNothingIsLost: (...chats) => untilNothing(() => whatIsLost(watched(chats))),
    async untilNothingIsLeft(...chats) {
      for (const { leave } of watched(chats).clients) leave()
      for (const { say } of chats) await say('Is anybody there?')
      await untilNothing(() => whatIsLeft({ cloud, tables }))
    },
    async close() {
      for (const { leave } of opened.flatMap(({ clients }) => clients)) leave()
      tables.close()
      await cloud.close()
    },
  }
}

function openChat(cloud: Cloud): Chat {
  const chatId = randomUUID()
  const clients: ChaosClient[] = []
  let accepted = 0
  const add = <Client extends ChaosClient>(connect: (options: ClientOptions) => Client, after?: number): Client => {
    const name = `client ${clients.length} of ${chatId}`
    const client = connect({ name, url: cloud.gateway.webSocketUrl, chatId, after })
    clients.push(client)
    return client
  }
  return {
    chatId,
    clients,
    accepted: () => accepted,
    joinLegacy: (after) => add(legacyClient, after),
    joinCurrent: (after) => add(currentClient, after),
    async say(text) {
      if (await cloud.say(chatId, text)) accepted++
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
