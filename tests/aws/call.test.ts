import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { callAws } from '../../lib/aws/call'
import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
import { rememberCredentials } from '../../lib/aws/credentials'
import { serviceUrl } from '../../lib/aws/service-url'
import { deleteItems } from '../../lib/aws/delete-items'
import { AwsCallError } from '../../lib/errors'
import { HttpRequestError } from '../../lib/http/http-message'
import { type Behaviour, type ConnectionsServer, startConnectionsServer } from '../publisher/support/connections-server'

const credentials = { accessKeyId: 'a', secretAccessKey: 's' }

describe('a call of DynamoDB', () => {
  let server: ConnectionsServer
  let dynamoDb: DynamoDb
  const pauses: number[] = []
  const answers: (readonly [status: number, body: object] | 'reset')[] = []

  beforeEach(async () => {
    pauses.length = 0
    answers.length = 0
    server = await startConnectionsServer()
    server.behaviour = answerInTurn
    const pause = (ms: number) => {
      pauses.push(ms)
      return Promise.resolve()
    }
    dynamoDb = createDynamoDb({
      url: new URL(server.callbackUrl),
      region: 'us-east-1',
      credentials: () => credentials,
      pause,
    })
  })
  afterEach(async () => {
    dynamoDb.close()
    await server.close()
  })
  const answerInTurn: Behaviour = ({ socket }, response) => {
    const answer = answers.shift() ?? ([200, { Items: [] }] as const)
    if (answer === 'reset') socket.resetAndDestroy()
    else response.writeHead(answer[0]).end(JSON.stringify(answer[1]))
  }

  test('is tried again while DynamoDB throttles, fails or breaks the connection, ever later', async () => {
    answers.push(
      [400, { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' }],
      [400, { __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' }],
      [500, {}],
      'reset',
      [503, {}],
    )
    expect(await dynamoDb.call('Query', { TableName: 't' })).toEqual({ Items: [] })
    expect(server.posts).toHaveLength(6)
    expect(server.posts[0]?.headers['x-amz-target']).toBe('DynamoDB_20120810.Query')
    // None after the reset: a connection that was used before may end at any time, and a new one is at hand.
    expect(pauses).toHaveLength(4)
    pauses.forEach((ms, n) => {
      expect(ms).toBeLessThanOrEqual(100 * 2 ** n)
    })
  })

  test('that cannot go well fails at once, with what DynamoDB said', async () => {
    answers.push([400, { __type: 'com.amazon.coral.validate#ValidationException', message: 'no such index' }])
    await expect(dynamoDb.call('Query', {})).rejects.toThrow(/DynamoDB Query failed: .*no such index/)
    expect(server.posts).toHaveLength(1)
  })

  test('that never goes well fails after six tries', async () => {
    answers.push(...Array.from({ length: 9 }, () => [500, {}] as const))
    await expect(dynamoDb.call('GetItem', {})).rejects.toThrow(AwsCallError)
    expect(server.posts).toHaveLength(6)
  })
})

test('a call is not tried again when there is no time for it, so that a client is answered before its function ends', async () => {
  let nowMs = 0
  let tries = 0
  const send = () => {
    tries++
    nowMs += 3_000
    return Promise.reject(new HttpRequestError('timeout', 'It did not answer.'))
  }
  const pause = (ms: number) => Promise.resolve((nowMs += ms))
  await expect(callAws({ service: 'S', operation: 'O', send, pause, now: () => nowMs })).rejects.toThrow(AwsCallError)
  expect(tries).toBe(2)
})

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

test('the address of a service is that of its region, or what the variables of the SDK say', () => {
  const at = (service: string, region: string, environment = {}) => serviceUrl({ service, region, environment }).href
  expect(at('dynamodb', 'eu-west-1')).toBe('https://dynamodb.eu-west-1.amazonaws.com/')
  expect(at('sns', 'cn-north-1')).toBe('https://sns.cn-north-1.amazonaws.com.cn/')
  expect(at('sns', 'eu-west-1', { AWS_ENDPOINT_URL: 'http://localhost:1' })).toBe('http://localhost:1/')
  const both = { AWS_ENDPOINT_URL: 'http://localhost:1', AWS_ENDPOINT_URL_SNS: 'http://localhost:2' }
  expect(at('sns', 'eu-west-1', both)).toBe('http://localhost:2/')
})

describe('deleting items', () => {
  test('goes in batches of 25, and tries again what DynamoDB leaves', async () => {
    const keys = Array.from({ length: 60 }, (_, n) => n)
    const batches: number[][] = []
    const pauses: number[] = []
    await deleteItems({
      keys,
      deleteBatch: (batch) => {
        batches.push([...batch])
        return Promise.resolve(batches.length === 1 ? batch.slice(5) : [])
      },
      pause: (ms) => Promise.resolve(pauses.push(ms)),
    })
    expect(batches.map((batch) => batch.length)).toEqual([25, 20, 25, 10])
    expect(new Set(batches.flat())).toEqual(new Set(keys))
    expect(pauses).toHaveLength(1)
  })

  test('fails when DynamoDB goes on leaving some', async () => {
    const deleting = deleteItems({
      keys: [1, 2],
      deleteBatch: () => Promise.resolve([2]),
      pause: () => Promise.resolve(),
    })
    await expect(deleting).rejects.toThrow('DynamoDB left 1 deletions unprocessed.')
  })
})
