import { describe, expect, test } from '@jest/globals'
import { rememberCredentials } from '../../lib/aws/credentials'

const credentials = { accessKeyId: 'a', secretAccessKey: 's' }

describe('credentials', () => {
  const lasting = (minutes: number, startMs: number) => ({
    ...credentials,
    expiration: new Date(startMs + minutes * 60_000),
  })

  test('are asked for once, however many wait for them, and come without a promise from then on', async () => {
    let asked = 0
    const current = rememberCredentials({
      resolve: () => Promise.resolve({ ...credentials, sessionToken: String(++asked) }),
    })
    const [one, other] = await Promise.all([current(), current()])
    expect(one).toBe(other)
    expect(current()).toBe(one)
    expect(asked).toBe(1)
  })

  test('are exchanged before they end', async () => {
    let nowMs = 0
    const resolve = () => Promise.resolve(lasting(60, nowMs))
    const current = rememberCredentials({ resolve, now: () => nowMs })
    const first = await current()
    nowMs = 54 * 60_000
    expect(current()).toBe(first)
    nowMs = 55 * 60_000
    const second = await current()
    expect(second).not.toBe(first)
    expect(second.expiration).toEqual(new Date(115 * 60_000))
  })

  test('that cannot be had are asked for again by the next', async () => {
    const outcomes = [() => Promise.reject(new Error('no')), () => Promise.resolve(credentials)]
    const current = rememberCredentials({
      resolve: () => outcomes.shift()?.() ?? Promise.reject(new Error('none left')),
    })
    await expect(Promise.resolve(current())).rejects.toThrow('no')
    expect(await current()).toBe(credentials)
  })
})
