import { describe, expect, it } from '@jest/globals'
import type { Connections, Delivery } from '../../lib/gateway/connections'
import { deliverAnswer } from '../../lib/gateway/deliver-answer'

const delivered: Delivery = { kind: 'delivered' }

/** A fake of @connections. It records its calls, and answers them with `outcomes` in turn, then with `delivered`. */
function recorded(...outcomes: Delivery[]) {
  const calls: string[] = []
  const record = (call: string) => {
    calls.push(call)
    return Promise.resolve(outcomes.shift() ?? delivered)
  }
  const connections: Pick<Connections, 'deliver' | 'close'> = {
    deliver: ({ head, rest }) => record(head.text + rest),
    close: () => record('close'),
  }
  const closeLater = (connectionId: string) => {
    calls.push(`close ${connectionId} later`)
    return Promise.resolve()
  }
  const onFailure = () => ({ frames: ['sorry'] })
  const pause = () => Promise.resolve()
  const at = { callbackUrl: 'https://callback', connectionId: 'c' }
  return { calls, delivering: { ...at, connections, closeLater, onFailure, pause } }
}

const throttled: Delivery = { kind: 'throttled', reason: 'API Gateway answered 429' }
const broken: Delivery = { kind: 'failed', retryable: true, reason: 'API Gateway answered 500' }
const forbidden: Delivery = { kind: 'forbidden', reason: 'API Gateway answered 403' }

it('returns the last frame as the response, and posts the frames before it in order', async () => {
  const { delivering, calls } = recorded()
  expect(await deliverAnswer({ frames: ['a', 'b', 'c'] }, delivering)).toEqual({ statusCode: 200, body: 'c' })
  expect(calls).toEqual(['a', 'b'])
})

it('makes no call for a single frame or none', async () => {
  const { delivering, calls } = recorded()
  expect(await deliverAnswer({ frames: ['a'] }, delivering)).toEqual({ statusCode: 200, body: 'a' })
  expect(await deliverAnswer({ frames: [] }, delivering)).toEqual({ statusCode: 200 })
  expect(calls).toEqual([])
})

it('posts every frame before it closes the connection', async () => {
  const { delivering, calls } = recorded()
  const close = { code: 1011, reason: 'over' }
  expect(await deliverAnswer({ frames: ['a', 'b'], close }, delivering)).toEqual({ statusCode: 200 })
  expect(calls).toEqual(['a', 'b', 'close'])
})

it('retries a post after a transient failure', async () => {
  const { delivering, calls } = recorded(throttled, broken)
  expect(await deliverAnswer({ frames: ['a', 'b'] }, delivering)).toEqual({ statusCode: 200, body: 'b' })
  expect(calls).toEqual(['a', 'a', 'a'])
})

it.each([
  ['is refused', [forbidden], ['a']],
  ['fails three times', [broken, broken, broken], ['a', 'a', 'a']],
])('returns an error and posts no further frame if the first one %s', async (_name, outcomes, made) => {
  const { delivering, calls } = recorded(...outcomes)
  expect(await deliverAnswer({ frames: ['a', 'b', 'c'] }, delivering)).toEqual({ statusCode: 200, body: 'sorry' })
  expect(calls).toEqual(made)
})

it('does not treat a closed connection as a failure', async () => {
  const { delivering } = recorded({ kind: 'gone' }, { kind: 'gone' })
  const close = { code: 1011, reason: 'over' }
  expect(await deliverAnswer({ frames: ['a'], close }, delivering)).toEqual({ statusCode: 200 })
})

it('does not throw if the connection cannot be closed', async () => {
  const { delivering } = recorded(forbidden)
  const close = { code: 4400, reason: 'invalid' }
  const nothingToSay = { ...delivering, onFailure: () => ({ frames: [] }) }
  expect(await deliverAnswer({ frames: [], close }, nothingToSay)).toEqual({ statusCode: 200 })
})

describe('a delayed close', () => {
  const answer = { frames: ['a', 'b'], close: { code: 1013, reason: 'try again later', isDelayed: true } } as const

  it('is scheduled, and the frames are sent as if there were none', async () => {
    const { delivering, calls } = recorded()
    expect(await deliverAnswer(answer, delivering)).toEqual({ statusCode: 200, body: 'b' })
    expect(calls).toEqual(['close c later', 'a'])
  })

  it('is done at once if it cannot be scheduled', async () => {
    const { delivering, calls } = recorded()
    const closeLater = () => Promise.reject(new Error('SQS does not answer.'))
    expect(await deliverAnswer(answer, { ...delivering, closeLater })).toEqual({ statusCode: 200 })
    expect(calls).toEqual(['a', 'b', 'close'])
  })
})

// Regression: only a frame of the error was used, so a client that was refused and could not be told waited in silence
// for ten minutes.
describe('a close that @connections fails to make', () => {
  const refusal = { frames: ['a'], close: { code: 4403, reason: 'forbidden' } }
  const failing = [throttled, throttled, throttled] as const

  it('is scheduled instead', async () => {
    const { delivering, calls } = recorded(delivered, ...failing)
    expect(await deliverAnswer(refusal, delivering)).toEqual({ statusCode: 200, body: 'sorry' })
    expect(calls).toEqual(['a', 'close', 'close', 'close', 'close c later'])
  })

  it('is scheduled even if a frame before it fails', async () => {
    const { delivering, calls } = recorded(...failing)
    const close = { code: 1011, reason: 'internal error', isDelayed: true } as const
    const silent = { ...delivering, onFailure: () => ({ frames: [], close }) }
    expect(await deliverAnswer(refusal, silent)).toEqual({ statusCode: 200 })
    expect(calls).toEqual(['a', 'a', 'a', 'close c later'])
  })

  it('is given up if it cannot be scheduled either', async () => {
    const { delivering } = recorded(...failing)
    const closeLater = () => Promise.reject(new Error('SQS does not answer.'))
    expect(await deliverAnswer(refusal, { ...delivering, closeLater })).toEqual({ statusCode: 200, body: 'sorry' })
  })
})

it('closes a connection later if the error that replaces an answer asks for it', async () => {
  const { delivering, calls } = recorded(forbidden)
  const onFailure = () => ({ frames: ['sorry'], close: { code: 1011, reason: 'internal error' } })
  expect(await deliverAnswer({ frames: ['a', 'b'] }, { ...delivering, onFailure })).toEqual({
    statusCode: 200,
    body: 'sorry',
  })
  expect(calls).toEqual(['a', 'close c later'])
})
