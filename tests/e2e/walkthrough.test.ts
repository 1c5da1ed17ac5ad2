import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { ApolloClient, gql, InMemoryCache, type TypedDocumentNode } from '@apollo/client'
import { WebSocketLink } from '@apollo/client/link/ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import WebSocket from 'ws'
import { channelTopic } from '../../lib/channels/topic'
import { type FrameSocket, openFrameSocket } from '../support/frame-socket'
import { type GraphqlRequest, postGraphql } from '../support/post-graphql'
import { fixtureDir } from '../support/service'
import { sharedService } from '../support/shared-service'
import { readStoredSubscriptions } from '../support/stored-subscriptions'
import { until } from '../support/until'
import { untilListening } from '../support/until-listening'

const service = sharedService('chat')

it('the plain WebSocket of the walkthrough receives its answer and both translations', async () => {
  const socket = await openFrameSocket(service.webSocketUrl)
  await listening(socket, {
    query: 'subscription Subscription { chat(chatId: "chat") }',
    variables: {},
  })
  socket.send(
    '{"query":"mutation postMessage {\\n  putEvent(message: \\"Good morning\\", chatId: \\"chat\\") { Entries { EventId } }\\n}","variables":{}}',
  )
  await socket.untilReceived(3)
  const [answer, ...translations] = socket.received.map((frame): unknown => JSON.parse(frame))
  expect(answer).toEqual({ data: { putEvent: { Entries: [{ EventId: expect.stringMatching(/./) }] } } })
  expect(translations).toContainEqual({ data: { chat: 'Bonjour' } })
  expect(translations).toContainEqual({ data: { chat: 'Guten Morgen' } })
  await socket.close()
})

it('subscriptions-transport-ws with an empty protocol array receives each translation', async () => {
  const client = new SubscriptionClient(service.webSocketUrl, { reconnect: true, minTimeout: 10_000 }, WebSocket, [])
  const texts: unknown[] = []
  const twoTexts = new Promise<void>((resolve, reject) => {
    client.request({ query: 'subscription { messages(chatId: "stw") { text language } }' }).subscribe({
      next: ({ data }) => {
        texts.push(data?.['messages'])
        if (texts.length === 2) resolve()
      },
      error: reject,
    })
  })
  await stored('chat#stw')
  await send('stw', 'Thank you')
  await twoTexts
  expect(texts).toContainEqual({ text: 'Merci', language: 'fr' })
  expect(texts).toContainEqual({ text: 'Danke', language: 'de' })
  client.close()
})

it('Apollo Client over WebSocketLink runs a query, a mutation and a subscription', async () => {
  const transport = new SubscriptionClient(service.webSocketUrl, { reconnect: true, minTimeout: 10_000 }, WebSocket, [])
  const client = new ApolloClient({ link: new WebSocketLink(transport), cache: new InMemoryCache() })
  const query = await client.query({ query: gql('{ getEvent }') })
  expect(query.data).toEqual({ getEvent: 'Hello from Apollo!' })

  const message = new Promise<unknown>((resolve, reject) => {
    const document = gql(
      'subscription ($id: ID!) { messages(chatId: $id, languages: ["fr"]) { id requestId text author } }',
    )
    client.subscribe({ query: document, variables: { id: 'apollo' } }).subscribe({
      next: ({ data }) => {
        resolve(data)
      },
      error: reject,
    })
  })
  await stored('chat#apollo#fr')
  const mutation: TypedDocumentNode<{ sendMessage: { id: string } }> = gql(
    'mutation { sendMessage(chatId: "apollo", text: "Qwertz", author: "Ada") { id } }',
  )
  const { data } = await client.mutate({ mutation })
  expect(await message).toEqual({
    messages: {
      __typename: 'Message',
      id: `${data?.sendMessage.id}:fr`,
      requestId: data?.sendMessage.id,
      text: '[fr] Qwertz',
      author: 'Ada',
    },
  })
  client.stop()
  transport.close()
})

it('the HTTP API answers a query', async () => {
  expect(await post({ query: '{ getEvent }' })).toEqual({ data: { getEvent: 'Hello from Apollo!' } })
})

it.each([
  ['an empty text', { text: '', chatId: 'a' }, '"text" must not be empty.'],
  [
    'a text over 10,000 bytes',
    { text: 'é'.repeat(5001), chatId: 'a' },
    '"text" must be at most 10000 bytes of UTF-8, but is 10002.',
  ],
  ['an empty chatId', { text: 'a', chatId: '' }, '"chatId" must not be empty.'],
  [
    'a chatId over 256 bytes',
    { text: 'a', chatId: 'c'.repeat(257) },
    '"chatId" must be at most 256 bytes of UTF-8, but is 257.',
  ],
])('sendMessage refuses %s', async (_name, variables, message) => {
  const socket = await openFrameSocket(service.webSocketUrl)
  const query = 'mutation ($chatId: ID!, $text: String!) { sendMessage(chatId: $chatId, text: $text) { id } }'
  socket.send({ type: 'connection_init' })
  socket.send({ id: '1', type: 'start', payload: { query, variables } })
  await socket.untilReceived(2)
  expect(socket.received.map((frame): unknown => JSON.parse(frame))).toContainEqual({
    id: '1',
    type: 'data',
    payload: { data: null, errors: [expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT' } })] },
  })
  await socket.close()
})

// When a source file changes, serverless-offline terminates all functions, even those that are running.
it('a running operation survives the build of another service in a folder below', async () => {
  const folder = await mkdtemp(join(fixtureDir, 'node_modules', 'build-'))
  const socket = await openFrameSocket(service.webSocketUrl)
  socket.send({ id: '1', type: 'start', payload: { query: '{ getEvent }' } }) // waits five seconds for its connection_init
  await writeFile(join(folder, 'built.ts'), '')
  await socket.untilReceived(1)
  expect(socket.received[0]).toContain('Hello from Apollo!')
  await socket.close()
  await rm(folder, { recursive: true })
})

it('the subscriptions of a client are deleted when it disconnects', async () => {
  const socket = await openFrameSocket(service.webSocketUrl)
  await listening(socket, { query: 'subscription { chat(chatId: "left") }' })
  await socket.close()
  const table = readStoredSubscriptions(service)
  await until(
    () => table.connectionsTo(channelTopic('chat', 'left')),
    ({ length }) => length === 0,
  )
  table.close()
})

/** Subscribes. Resolves when the table has the subscription, because no frame confirms it. */
async function listening(socket: FrameSocket, request: { query: string; variables?: object }): Promise<void> {
  const [, chatId] = /chatId: "(\w+)"/.exec(request.query) ?? []
  socket.send(request)
  await stored(`chat#${chatId}`, socket.received)
}

function stored(topic: string, received: readonly string[] = []): Promise<void> {
  return untilListening({ dynamoDbEndpoint: service.dynamoDbEndpoint, topic, subscribers: 1, received })
}

async function send(chatId: string, text: string): Promise<void> {
  const query = 'mutation ($chatId: ID!, $text: String!) { sendMessage(chatId: $chatId, text: $text) { id } }'
  expect(await post({ query, variables: { chatId, text } })).toMatchObject({ data: { sendMessage: {} } })
}

async function post(request: GraphqlRequest): Promise<unknown> {
  const response = await postGraphql(service.httpUrl, request, { accept: 'application/graphql-response+json' })
  expect(response.status).toBe(200)
  return response.json()
}
