import { randomUUID } from 'node:crypto'
import { EventEmitter, on, once } from 'node:events'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { execute, type GraphQLSchema, subscribe } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { SubscriptionServer } from 'subscriptions-transport-ws'
import { WebSocketServer } from 'ws'
import { topicsOf } from '../../lib/channels/publication'
import { TopicSource } from '../../lib/channels/topic-source'
import { translationEvent } from '../../schema/channels'
import type { GraphqlContext } from '../../schema/context'
import { typeDefs } from '../../schema/generated'
import { resolvers } from '../../schema/resolvers'
import { translated } from '../../translation/translated'
import type { TranslationRequest } from '../../translation/translation-request'

/** A stateful server: what this service has to be indistinguishable from. */
export interface ReferenceServer {
  readonly url: string
  /** How many subscriptions listen to a topic now. */
  readonly listeners: (topic: string) => number
  readonly stop: () => Promise<void>
}

/** `SubscriptionServer` of subscriptions-transport-ws, with this service's schema. */
export async function startLegacyReference(): Promise<ReferenceServer> {
  const { schema, context, listeners } = statefulSchema()
  const wsServer = new WebSocketServer({ port: 0, handleProtocols: () => 'graphql-ws' })
  SubscriptionServer.create({ schema, execute, subscribe, onConnect: () => context }, wsServer)
  return { url: await urlOf(wsServer), listeners, stop: () => close(wsServer) }
}

/** `useServer` of graphql-ws, with this service's schema. */
export async function startCurrentReference({
  connectionInitWaitTimeout = 60_000,
}: { connectionInitWaitTimeout?: number } = {}): Promise<ReferenceServer> {
  const { schema, context, listeners } = statefulSchema()
  const wsServer = new WebSocketServer({ port: 0 })
  const { dispose } = useServer({ schema, context, connectionInitWaitTimeout }, wsServer)
  return { url: await urlOf(wsServer), listeners, stop: async () => dispose() }
}

/**
 * The service's own resolvers, in a process that stays: a subscription's topics are listened to in memory, and the
 * translations of a message are published there.
 */
function statefulSchema(): { schema: GraphQLSchema; context: GraphqlContext; listeners: (topic: string) => number } {
  const hub = new EventEmitter().setMaxListeners(0)
  const context: GraphqlContext = {
    identity: undefined,
    newId: randomUUID,
    now: () => new Date(),
    requestTranslations: (request) => {
      translate(request, hub)
      return Promise.resolve()
    },
    read: () => Promise.resolve([]), // nothing is kept here
  }
  const schema = makeExecutableSchema({ typeDefs, resolvers })
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const { subscribe: topicsOfField } = field
    field.subscribe = async (...args) => {
      const source: unknown = await topicsOfField?.(...args)
      return source instanceof TopicSource ? listen(hub, source.listening.topics) : source
    }
  }
  return { schema, context, listeners: (topic) => hub.listenerCount(topic) }
}

/** Every case says `Good morning`, which the local stand-in for Amazon Translate knows, too. */
function translate(request: TranslationRequest, hub: EventEmitter): void {
  const translations = Object.entries({ fr: 'Bonjour', de: 'Guten Morgen' })
  for (const [index, [language, text]] of translations.entries()) {
    const event = translationEvent(translated(request, { text, language, sourceLanguage: 'en' }))
    const { id, data } = event
    const envelope = { id, sequence: index + 1, publishedAt: new Date(), data }
    for (const topic of topicsOf(event.channel.name, event)) hub.emit(topic, envelope)
  }
}

/**
 * As with an async generator, who waits for an event when the subscription ends waits for ever. (With a source that ends the
 * waiting, `SubscriptionServer` answers `stop` with `complete`; its clients ignore that.) Not a generator, because one that
 * waits does not stop listening before the event comes.
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
