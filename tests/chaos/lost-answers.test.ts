import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { channelTopic, taggedTopic } from '../../lib/channels/topic'
import { type BareSocket, dial } from '../support/bare-socket'
import { until } from '../support/until'
import { type CloudUnderTest, startCloudUnderTest } from './support/cloud-under-test'

/** Whatever `default` writes is done, and answered at the second try only. */
let on: CloudUnderTest
let socket: BareSocket

beforeAll(async () => {
  on = await startCloudUnderTest({ languages: ['fr'] })
  socket = await dial(on.cloud.gateway.webSocketUrl, { protocols: ['graphql-transport-ws'] })
  on.faults.follow([{ fault: 'answerLost', of: { service: 'dynamodb', functionName: 'default' }, every: 2 }])
})
afterAll(async () => {
  on.faults.follow([])
  socket.close()
  await until(
    () => Promise.resolve(on.cloud.underWay()),
    (invocations) => invocations === 0,
  )
  await on.close()
})

// The connection was closed for a second connection_init, or for a second subscription with the same id; events came after `complete`.
it('a client is acknowledged, subscribed, served, and unsubscribed', async () => {
  const chat = on.openChat()
  const query = `subscription { messages(chatId: "${chat.chatId}", languages: ["fr", "es"]) { sequence } }`
  socket.say({ type: 'connection_init' })
  expect(await socket.next()).toEqual({ type: 'connection_ack' })
  socket.say({ id: '1', type: 'subscribe', payload: { query } })
  await until(listened, (topics) => topics.includes(taggedTopic(channelTopic('chat', chat.chatId), 'es')))
  await chat.say('One')
  expect(await socket.next()).toEqual({ id: '1', type: 'next', payload: { data: { messages: { sequence: 1 } } } })
  socket.say({ id: '1', type: 'complete' })
  await until(listened, ({ length }) => length === 0)
  await chat.say('Two')
  socket.say({ type: 'ping' })
  expect(await socket.next()).toEqual({ type: 'pong' })
})

async function listened(): Promise<readonly unknown[]> {
  return (await on.tables.clientItems()).flatMap(({ topic }) => (topic === undefined ? [] : [topic]))
}
