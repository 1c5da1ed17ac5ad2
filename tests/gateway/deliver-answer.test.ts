import { expect, it } from '@jest/globals'
import type { Connections } from '../../lib/gateway/connections'
import { deliverAnswer } from '../../lib/gateway/deliver-answer'

/** @connections as a list of what was asked of it; from the call with this number on, it fails. */
function recorded(failsFrom = Infinity): { connections: Connections; calls: string[] } {
  const calls: string[] = []
  const record = (call: string) =>
    calls.push(call) >= failsFrom ? Promise.reject(new Error('throttled')) : Promise.resolve()
  return { calls, connections: { post: (_id, frame) => record(frame), close: () => record('close') } }
}

const connectionId = 'connection'
const onFailure = () => ({ frames: ['sorry'] })

it('returns the last frame, and sends those before it in their order', async () => {
  const { connections, calls } = recorded()
  const response = await deliverAnswer({ frames: ['a', 'b', 'c'] }, { connectionId, connections, onFailure })
  expect(response).toEqual({ statusCode: 200, body: 'c' })
  expect(calls).toEqual(['a', 'b'])
})

it('calls nothing for a single frame, nor for none', async () => {
  const { connections, calls } = recorded()
  expect(await deliverAnswer({ frames: ['a'] }, { connectionId, connections, onFailure })).toEqual({
    statusCode: 200,
    body: 'a',
  })
  expect(await deliverAnswer({ frames: [] }, { connectionId, connections, onFailure })).toEqual({ statusCode: 200 })
  expect(calls).toEqual([])
})

it('sends every frame before it ends the connection', async () => {
  const { connections, calls } = recorded()
  const close = { code: 1011, reason: 'over' }
  expect(await deliverAnswer({ frames: ['a', 'b'], close }, { connectionId, connections, onFailure })).toEqual({
    statusCode: 200,
  })
  expect(calls).toEqual(['a', 'b', 'close'])
})

it('returns the error in place of an answer whose first frame could not be sent, and sends no more of it', async () => {
  const { connections, calls } = recorded(1)
  const response = await deliverAnswer({ frames: ['a', 'b', 'c'] }, { connectionId, connections, onFailure })
  expect(response).toEqual({ statusCode: 200, body: 'sorry' })
  expect(calls).toEqual(['a'])
})

it('does not throw when the connection cannot be ended', async () => {
  const { connections } = recorded(1)
  const close = { code: 4400, reason: 'invalid' }
  const nothingToSay = { connectionId, connections, onFailure: () => ({ frames: [] }) }
  expect(await deliverAnswer({ frames: [], close }, nothingToSay)).toEqual({ statusCode: 200 })
})
