import { deepEqual } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { channelTopic, taggedTopic } from '../lib/channels/topic'
import { dial } from '../tests/support/bare-socket'
import { until } from '../tests/support/until'
import type { Cloud } from './cloud'
import type { Tables } from './tables'

/**
 * Runs a client that never reconnects through a session, frame by frame: it is acknowledged, subscribes, receives an
 * event and unsubscribes. Throws an Error that shows an unexpected frame. Each step happens exactly once and nothing is
 * lost, so lost responses between the service and AWS must be invisible to the client.
 */
export async function converse(cloud: Cloud, tables: Tables): Promise<void> {
  const board = randomUUID()
  const listened = async () => {
    const topics = (await tables.clientItems()).map(({ topic }) => topic)
    return topics.filter((topic) => String(topic).startsWith(channelTopic('board', board)))
  }
  const atRest = () =>
    until(
      () => Promise.resolve(cloud.underWay()),
      (invocations) => invocations === 0,
    )

  const socket = await dial(cloud.gateway.webSocketUrl, { protocols: ['graphql-transport-ws'] })
  socket.say({ type: 'connection_init' })
  deepEqual(await socket.next(), { type: 'connection_ack' })
  const query = `subscription { notes(board: "${board}", tags: ["a", "b"]) { sequence } }`
  socket.say({ id: '1', type: 'subscribe', payload: { query } })
  await until(listened, (topics) => topics.includes(taggedTopic(channelTopic('board', board), 'b')))
  await atRest()
  await cloud.say({ board }, 'One')
  deepEqual(await socket.next(), { id: '1', type: 'next', payload: { data: { notes: { sequence: 1 } } } })
  socket.say({ id: '1', type: 'complete' })
  await until(listened, ({ length }) => length === 0)
  await atRest()
  await cloud.say({ board }, 'Two')
  await atRest()
  socket.say({ type: 'ping' })
  deepEqual(await socket.next(), { type: 'pong' })
  socket.close()
  await socket.closed
  await atRest()
}
