import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { createDynamoDb } from '../../../lib/aws/dynamodb'
import { createTable } from '../../../lib/aws/table'
import { channelOf, channelTopic, type Topic } from '../../../lib/channels/topic'
import { createClients } from '../../../lib/clients/clients'
import { createSessions } from '../../../lib/clients/sessions'
import { createStoredSubscriptions } from '../../../lib/clients/stored-subscriptions'
import { createSubscribers } from '../../../lib/clients/subscribers'
import type { Identity } from '../../../lib/identity'
import { announcer, type Change } from '../../../lib/presence/changes'
import { reconcile } from '../../../lib/presence/reconcile'
import { createRooms, type Present } from '../../../lib/presence/room'
import { everyone } from '../../../lib/publisher/assignment'
import { publish } from '../../../lib/publisher/publish'
import { receiveMessage } from '../../../lib/receive/receive-message'
import { startClientsTable } from '../../support/clients-table'
import { publisherOf, timesOf } from '../../support/publisher'
import { parseMessage, receiverOf } from '../../support/receiver'
import { type Cost, startCountedCalls } from './counted-calls'

export interface Guests {
  readonly at: string
  readonly count: number
  readonly members: readonly { readonly id: string; readonly name: string }[] | null
  readonly joined: readonly string[]
  readonly left: readonly string[]
}

export interface Entering {
  readonly board: string
  /** Left out, it watches. */
  readonly name?: string
  readonly user?: string
  readonly session?: string
}

/** A process that dies after a number of calls. */
interface Process {
  remainingCalls: number
  readonly die: () => void
}

/**
 * The rooms of the fixture API, with a clock and a queue that a test controls. Functions die after a given number of
 * calls (`dieAfter`), and connections without notice (`vanish`).
 *
 * @param counts whether `cost` works, which makes each call slower
 */
export async function startRooms({ counts = false } = {}) {
  let nowMs = Date.now()
  const now = () => nowMs
  const waiting: { readonly dueMs: number; readonly body: string }[] = []
  const open = new Set<string>()
  const frames = new Map<string, Guests[]>()
  const processes = new AsyncLocalStorage<Process>()
  let remainingCalls = Infinity
  const events = new Map<string, number>()

  const never = new Promise<never>(() => undefined)
  /** Makes a call of a function. Never resolves if its process has died, or dies after this call. */
  const called = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    const process = processes.getStore()
    if (!process) return call()
    if (process.remainingCalls >= 0) {
      const result = await call()
      if (--process.remainingCalls >= 0) return result
    }
    process.die()
    return never
  }
  let slow: { readonly operation: string; readonly seconds: number; times: number } | undefined
  const slowDown = async (operation: string) => {
    if (slow?.operation !== operation || --slow.times < 0) return
    await rooms.pass(slow.seconds)
  }
  const send = (message: unknown, delaySeconds = 0) =>
    called(() => {
      counted?.count('SendMessage')
      waiting.push({ dueMs: nowMs + delaySeconds * 1_000, body: JSON.stringify(message) })
      return Promise.resolve()
    })
  const announce = announcer(send, now)

  const started = await startClientsTable(now)
  const counted = counts ? await startCountedCalls(started.endpoint, started.tableName) : undefined
  const endpoint = counted?.endpoint ?? started.endpoint
  Object.assign(process.env, {
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    CLIENTS_TABLE: started.tableName,
  })
  const { tableName } = started
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const dynamoDb = createDynamoDb({ url: new URL(endpoint), region: 'local', credentials: () => credentials })
  const table = createTable({
    dynamoDb: {
      call: (operation, input) =>
        called(async () => {
          await slowDown(operation)
          return dynamoDb.call(operation, input)
        }),
    },
    tableName,
  })
  const stores = {
    clients: createClients({ table, now, announce }),
    sessions: createSessions({ table, now, announce, ttlSeconds: 86_400, reachSeconds: 600 }),
    subscriptions: createStoredSubscriptions({ table, now, announce }),
    subscribers: createSubscribers({ table, now }),
  }
  const receiver = receiverOf(stores)
  const publisher = publisherOf(stores, {
    deliver: ({ connectionId, head, rest }) =>
      called(async () => {
        counted?.count('PostToConnection')
        await slowDown('PostToConnection')
        const isOpen = open.has(connectionId)
        if (isOpen) hear(connectionId, head.text + rest)
        return { kind: isOpen ? 'delivered' : 'gone' } as const
      }),
    close: (connectionId) =>
      called(() => {
        open.delete(connectionId)
        return Promise.resolve({ kind: 'delivered' })
      }),
    handOn: () => called(() => Promise.reject(new Error('Expected no remaining work.'))),
    clock: { now, pause: () => Promise.resolve() },
  })

  const hear = (connectionId: string, frame: string) => {
    const { data } = JSON.parse(frame) as { readonly data?: { readonly guests: Guests } }
    if (data) frames.set(connectionId, [...(frames.get(connectionId) ?? []), data.guests])
  }

  const deliver = async (topic: Topic, data: Present) => {
    events.set(topic, (events.get(topic) ?? 0) + 1)
    const event = { id: randomUUID(), channel: channelOf(topic), publishedAtMs: nowMs, data }
    const assignment = { event, topics: [topic], ...everyone([topic]), round: 0 } as const
    await publish(assignment, publisher, timesOf(60_000, nowMs))
  }

  /** Runs work of another process, which does not die. */
  const elsewhere = (work: () => Promise<unknown>) => processes.exit(work)

  /** Runs work in a process of its own. @returns false if it died */
  const surviving = (work: () => Promise<unknown>): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const die = () => {
        resolve(false)
      }
      const process = { remainingCalls, die }
      remainingCalls = Infinity
      processes
        .run(process, work)
        .then(() => {
          resolve(true)
        })
        .catch(reject)
    })

  const rooms = {
    table: started,
    /** The calls and units of some work. Only where calls are counted. */
    cost: async (work: () => Promise<unknown>): Promise<Cost> => {
      if (!counted) throw new Error('Expected "counts" to be true.')
      counted.take()
      await work()
      return counted.take()
    },
    /** Four members enter a room within 2.3 s, and 1.1 s pass: too often for the first message of the next change. */
    async enterOften(board: string, names: readonly [string, string, string, string]): Promise<void> {
      for (const [n, seconds] of [0.6, 0.6, 1.1, 1.1].entries()) {
        const name = names[n] ?? ''
        await rooms.enter(`${name} of ${board}`, { board, name })
        await rooms.pass(seconds)
      }
    },
    /** The number of states that were sent to a room. */
    events: (board: string) => events.get(channelTopic('guests', board)) ?? 0,
    /** The next call of an operation takes this long, or the next ones. */
    slowDown: (operation: string, seconds: number, times = 1) => {
      slow = { operation, seconds, times }
    },
    /** The next process dies after this number of calls. */
    dieAfter: (count: number) => {
      remainingCalls = count
    },

    /** Connects, unless the connection is open. */
    async connect(connectionId: string, { user, session }: Pick<Entering, 'user' | 'session'> = {}): Promise<void> {
      const { clients } = stores
      const identity: Identity | undefined =
        user === undefined
          ? undefined
          : { subject: user, groups: [], claims: {}, expiresAtSeconds: Math.floor(nowMs / 1_000) + 7_200 }
      if (open.has(connectionId)) return
      open.add(connectionId)
      const connecting = { connectionId, callbackUrl: 'https://example.com/dev', subprotocol: undefined, identity }
      await elsewhere(() => clients.register({ ...connecting, connectedAtMs: nowMs }))
      if (session !== undefined) await elsewhere(() => clients.acknowledge(connectionId, { session }))
    },

    /** Sends a message of a client. */
    async say(connectionId: string, message: object): Promise<void> {
      await surviving(async () => {
        const received = { connectionId, message: parseMessage(message), receivedAtMs: nowMs }
        const { frames: answers } = await receiveMessage(received, receiver)
        for (const frame of answers) hear(connectionId, frame)
      })
    },

    /** Connects and subscribes to a room. */
    async enter(connectionId: string, { board, name, ...who }: Entering): Promise<void> {
      await rooms.connect(connectionId, who)
      const fields = '{ at count members { id name } joined left }'
      const query = `subscription { guests(board: "${board}"${name === undefined ? '' : `, name: "${name}"`}) ${fields} }`
      await rooms.say(connectionId, { query })
    },

    /** Ends a connection, and runs `$disconnect`. */
    async leave(connectionId: string): Promise<void> {
      open.delete(connectionId)
      await surviving(() => stores.sessions.end(connectionId, { atMs: nowMs }))
    },

    /** Ends a connection without `$disconnect`. */
    vanish: (connectionId: string) => {
      open.delete(connectionId)
    },

    /** Unsubscribes from a topic. The connection stays open. */
    async stop(connectionId: string, topic: Topic): Promise<void> {
      const { subscribers } = await started.subscribers.page(topic)
      const found = subscribers.find((subscriber) => subscriber.connectionId === connectionId)
      await rooms.say(connectionId, { id: String(found?.operationId), type: 'stop' })
    },

    endUser: (connectionId: string) => {
      open.delete(connectionId)
      return stores.clients.remove(connectionId)
    },

    complete: async (topic: Topic) => {
      const { subscribers } = await stores.subscribers.page(topic)
      for (const subscriber of subscribers) {
        const found = await stores.subscriptions.find(subscriber)
        if (found) await stores.subscriptions.end(found)
      }
    },

    /** Advances the clock. The queue delivers messages that are due, and again 60 s later if their function died. */
    async pass(seconds: number, { twice = false, dying = [] as number[] } = {}): Promise<void> {
      const endMs = nowMs + seconds * 1_000
      for (;;) {
        waiting.sort((a, b) => a.dueMs - b.dueMs)
        const next = waiting[0]
        if (!next || next.dueMs > endMs) break
        waiting.shift()
        nowMs = Math.max(nowMs, next.dueMs)
        const receivedMs = nowMs
        remainingCalls = dying.shift() ?? Infinity
        const bring = () =>
          surviving(() =>
            reconcile(JSON.parse(next.body) as Change, {
              table,
              now,
              pause: (ms) => Promise.resolve((nowMs += ms)),
              later: send,
              publish: deliver,
            }),
          )
        const survived = await bring()
        if (!survived) waiting.push({ ...next, dueMs: receivedMs + 60_000 })
        if (twice) await bring()
      }
      nowMs = endMs
    },

    heard: (connectionId: string): readonly Guests[] => frames.get(connectionId) ?? [],

    /** The latest state that a connection received. */
    truth: (connectionId: string): Guests | undefined =>
      rooms
        .heard(connectionId)
        .reduce<Guests | undefined>((last, state) => (last && last.at > state.at ? last : state), undefined),

    /** Its names, sorted. */
    names: (connectionId: string): readonly string[] | undefined =>
      rooms
        .truth(connectionId)
        ?.members?.map(({ name }) => name)
        .sort(),

    /** Empties the queue, which may have messages of an earlier test. */
    forget: () => {
      waiting.length = 0
    },

    topic: (board: string) => channelTopic('guests', board),

    /** The names in the entries of a room, sorted. */
    present: async (board: string): Promise<readonly string[]> => {
      const { members } = await createRooms({ table: started.table, now }).list(channelTopic('guests', board))
      return [...members.values()].map(({ info }) => (info as { readonly name: string }).name).sort()
    },

    now,
    async close() {
      processes.disable() // else every promise of the following suites in this process would be slower
      dynamoDb.close()
      await counted?.close()
      await started.close()
    },
  }
  return rooms
}

export type RoomsUnderTest = Awaited<ReturnType<typeof startRooms>>
