import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { rememberCredentials } from '../../lib/aws/credentials'
import type { AwsCredentials } from '../../lib/aws/signature'

const credentials = { accessKeyId: 'a', secretAccessKey: 's' }

describe('credentials', () => {
  test('are requested once for concurrent callers, and returned synchronously afterwards', async () => {
    let asked = 0
    const current = rememberCredentials({
      resolve: () => Promise.resolve({ ...credentials, sessionToken: String(++asked) }),
    })
    const [one, other] = await Promise.all([current(), current()])
    expect(one).toBe(other)
    expect(current()).toBe(one)
    expect(asked).toBe(1)
  })

  test('are requested again after a failure', async () => {
    const outcomes = [() => Promise.reject(new Error('no')), () => Promise.resolve(credentials)]
    const current = rememberCredentials({
      resolve: () => outcomes.shift()?.() ?? Promise.reject(new Error('none left')),
    })
    await expect(Promise.resolve(current())).rejects.toThrow('no')
    expect(await current()).toBe(credentials)
  })
})

describe('the renewal of credentials', () => {
  const minuteMs = 60_000

  /** Starts with credentials that are valid for an hour. The test answers each further request for credentials. */
  async function start() {
    const questions: { answer: (error?: Error) => void }[] = []
    const clock = { nowMs: 0 }
    const resolve = () =>
      new Promise<AwsCredentials>((answerWith, reject) => {
        const expiration = new Date(clock.nowMs + 60 * minuteMs)
        questions.push({
          answer: (error) => {
            if (error) reject(error)
            else answerWith({ ...credentials, expiration })
          },
        })
      })
    const current = rememberCredentials({ resolve, now: () => clock.nowMs })
    const asking = current()
    questions.pop()?.answer()
    return { questions, clock, current, first: await asking }
  }

  test('begins 5 minutes before they expire', async () => {
    const { questions, clock, current, first } = await start()
    clock.nowMs = 55 * minuteMs - 1
    expect(current()).toBe(first)
    clock.nowMs++
    const renewing = current()
    expect(renewing).toBeInstanceOf(Promise)
    questions[0]?.answer()
    expect(await renewing).toEqual({ ...credentials, expiration: new Date(115 * minuteMs) })
    expect(current()).toBe(await renewing)
    expect(questions).toHaveLength(1)
  })

  test('is requested once for concurrent callers', async () => {
    const { questions, clock, current } = await start()
    clock.nowMs = 56 * minuteMs
    const renewing = [current(), current(), current()].map((each) => Promise.resolve(each))
    questions[0]?.answer()
    expect(new Set(await Promise.all(renewing)).size).toBe(1)
    expect(questions).toHaveLength(1)
  })

  test('rejects all waiting callers if it fails, and is retried for the next caller', async () => {
    const { questions, clock, current } = await start()
    clock.nowMs = 56 * minuteMs
    const failing = [current(), current()].map((each) => Promise.resolve(each))
    questions[0]?.answer(new Error('no'))
    const outcomes = await Promise.allSettled(failing)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const renewing = current()
    questions[1]?.answer()
    expect(await renewing).toMatchObject({ expiration: new Date(116 * minuteMs) })
  })

  test('never begins for credentials that do not expire', async () => {
    const clock = { nowMs: 0 }
    const current = rememberCredentials({ resolve: () => Promise.resolve(credentials), now: () => clock.nowMs })
    await current()
    clock.nowMs = Number.MAX_SAFE_INTEGER
    expect(current()).toBe(credentials)
  })
})

describe('credentials are found', () => {
  const outside = process.env
  afterEach(() => {
    process.env = outside
  })

  test('in the environment variables that Lambda sets', async () => {
    process.env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' }
    const found = { accessKeyId: 'key', secretAccessKey: 'secret' }
    expect(await rememberCredentials()()).toEqual({ ...found, sessionToken: 'token' })
    process.env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: '' }
    expect(await rememberCredentials()()).toEqual(found)
  })

  // Regression: empty variables were taken for credentials.
  test.each([undefined, ''])('in a profile, like those of the SDK, if the environment has none: %j', async (none) => {
    const folder = await mkdtemp(join(tmpdir(), 'credentials-'))
    const file = join(folder, 'credentials')
    await writeFile(file, '[mine]\naws_access_key_id = key\naws_secret_access_key = secret\n')
    process.env = { ...outside, AWS_PROFILE: 'mine', AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: file }
    delete process.env['AWS_ACCESS_KEY_ID']
    if (none !== undefined) Object.assign(process.env, { AWS_ACCESS_KEY_ID: none, AWS_SECRET_ACCESS_KEY: none })
    expect(await rememberCredentials()()).toMatchObject({ accessKeyId: 'key', secretAccessKey: 'secret' })
    await rm(folder, { recursive: true })
  })
})
