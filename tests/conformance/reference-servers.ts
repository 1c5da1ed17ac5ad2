import { EventEmitter, on, once } from 'node:events'
import { execute, type GraphQLSchema, subscribe } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { SubscriptionServer } from 'subscriptions-transport-ws'
import { WebSocketServer } from 'ws'
import { type Publication, topicsOf } from '../../lib/channels/publication'
import { TopicSource } from '../../lib/channels/topic-source'
import { defineFixture, type FixtureContext } from '../fixture/api'

/** A stateful server, from which clients must be unable to distinguish this service. */
export interface ReferenceServer {
  readonly url: string
  /** The number of subscriptions that listen to a topic now. */
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

/** The fixture's own resolvers in a stateful process, with events and topics in memory. */
function statefulSchema(): { schema: GraphQLSchema; context: FixtureContext; listeners: (topic: string) => number } {
  const hub = new EventEmitter().setMaxListeners(0)
  const context: FixtureContext = {
    identity: undefined,
    publish: (...events) => {
      for (const event of events) emit(event, hub)
      return Promise.resolve()
    },
    read: () => Promise.resolve([]), // there is no log
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
 * When the subscription ends, a pending `next` never settles, as with an async generator. (If it did,
 * `SubscriptionServer` would answer `stop` with `complete`, which its clients ignore.) This is no generator, because a
 * generator stops listening only after its pending `next` settles.
 */
function listen(hub: EventEmitter, topics: readonly string[]): AsyncIterableIterator<unknown> {
  const events = on(hub, topics.at(-1) ?? '') // for a selection by tag, its topic comes last
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
