import { EventEmitter, on, once } from 'node:events'
import { execute, type GraphQLSchema, subscribe } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { SubscriptionServer } from 'subscriptions-transport-ws'
import { WebSocketServer } from 'ws'
import { type Publication, topicsOf } from '../../lib/channels/publication'
import { TopicSource } from '../../lib/channels/topic-source'
import { defineFixture, type FixtureContext } from '../fixture/api'

/** A stateful server, from which this service must be indistinguishable. */
export interface ReferenceServer {
  readonly url: string
  /** How many subscriptions listen to a topic now. */
  readonly listeners: (topic: string) => number
  readonly stop: () => Promise<void>
}

/** `SubscriptionServer` of subscriptions-transport-ws, with the schema of the fixture. */
export async function startLegacyReference(): Promise<ReferenceServer> {
  const { schema, context, listeners } = statefulSchema()
  const wsServer = new WebSocketServer({ port: 0, handleProtocols: () => 'graphql-ws' })
  SubscriptionServer.create({ schema, execute, subscribe, onConnect: () => context }, wsServer)
  return { url: await urlOf(wsServer), listeners, stop: () => close(wsServer) }
}

/** `useServer` of graphql-ws, with the schema of the fixture. */
export async function startCurrentReference({
  connectionInitWaitTimeout = 60_000,
}: { connectionInitWaitTimeout?: number } = {}): Promise<ReferenceServer> {
  const { schema, context, listeners } = statefulSchema()
  const wsServer = new WebSocketServer({ port: 0 })
  const { dispose } = useServer({ schema, context, connectionInitWaitTimeout }, wsServer)
  return { url: await urlOf(wsServer), listeners, stop: async () => dispose() }
}

/**
 * The fixture's own resolvers, in a process that stays: events are published, and topics are listened to, in memory.
 */
function statefulSchema(): { schema: GraphQLSchema; context: FixtureContext; listeners: (topic: string) => number } {
  const hub = new EventEmitter().setMaxListeners(0)
  const context: FixtureContext = {
    identity: undefined,
    publish: (...events) => {
      for (const event of events) emit(event, hub)
      return Promise.resolve()
    },
    read: () => Promise.resolve([]), // nothing is kept here
  }
  const { schema } = defineFixture()
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const { subscribe: topicsOfField } = field
    field.subscribe = async (...args) => {
      const source: unknown = await topicsOfField?.(...args)
      return source instanceof TopicSource ? listen(hub, source.listening.topics) : source
    }
  }
  return { schema, context, listeners: (topic) => hub.listenerCount(topic) }
}

function emit(event: Publication, hub: EventEmitter): void {
  const envelope = { id: event.id, sequence: 1, publishedAt: new Date(), data: event.data }
  for (const topic of topicsOf(event.channel.name, event)) hub.emit(topic, envelope)
}

/**
 * As with an async generator, a read that is pending when the subscription ends never resolves. (If it did,
 * `SubscriptionServer` would answer `stop` with `complete`, which its clients ignore.) Not a generator, because a
 * generator with a pending read would not stop listening before the next event.
 */
function listen(hub: EventEmitter, topics: readonly string[]): AsyncIterableIterator<unknown> {
  const events = on(hub, topics.at(-1) ?? '') // by a tag, the topic of the tag comes last
  return {
    async next() {
      const next: IteratorResult<unknown[]> = await events.next()
      return next.done ? new Promise(() => undefined) : { done: false, value: next.value[0] }
    },
    async return() {
      await events.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function urlOf(server: WebSocketServer): Promise<string> {
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The reference server has no port.')
  return `ws://localhost:${address.port}`
}

async function close(server: WebSocketServer): Promise<void> {
  for (const client of server.clients) client.terminate()
  const closed = once(server, 'close')
  server.close()
  await closed
}
