import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { callAws } from '../../lib/aws/call'
import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
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
