import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { callAws } from '../../lib/aws/call'
import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
import { AwsCallError } from '../../lib/errors'
import { HttpRequestError, type HttpResponse } from '../../lib/http/http-message'
import { type Behaviour, type ConnectionsServer, startConnectionsServer } from '../publisher/support/connections-server'

const credentials = { accessKeyId: 'a', secretAccessKey: 's' }

describe('a DynamoDB call', () => {
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

  test('is retried after throttling, a 5xx or a reset, with exponential backoff', async () => {
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
    // No pause after the reset: a reused connection may end at any time, so the call is repeated at once on a new one.
    expect(pauses).toHaveLength(4)
    pauses.forEach((ms, n) => {
      expect(ms).toBeLessThanOrEqual(100 * 2 ** n)
    })
  })

  test('fails at once after a permanent error, with the message of DynamoDB', async () => {
    answers.push([400, { __type: 'com.amazon.coral.validate#ValidationException', message: 'no such index' }])
    await expect(dynamoDb.call('Query', {})).rejects.toThrow(/DynamoDB Query failed: .*no such index/)
    expect(server.posts).toHaveLength(1)
  })

  // Regression: the names of transient errors matched anywhere in the text of an answer.
  test('is not retried if an error only quotes the name of a transient one', async () => {
    answers.push([
      400,
      { __type: 'com.amazon.coral.validate#ValidationException', message: 'not "ThrottlingException"' },
    ])
    await expect(dynamoDb.call('Query', {})).rejects.toMatchObject({ code: 'ValidationException' })
    expect(server.posts).toHaveLength(1)
  })

  test('fails after six attempts', async () => {
    answers.push(...Array.from({ length: 9 }, () => [500, {}] as const))
    await expect(dynamoDb.call('GetItem', {})).rejects.toThrow(AwsCallError)
    expect(server.posts).toHaveLength(6)
  })
})

test('a call is not retried once its time budget is used up', async () => {
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

describe('the error of an AWS call', () => {
  const noPause = () => Promise.resolve()
  const errorOf = (send: () => Promise<HttpResponse>) =>
    callAws({ service: 'SNS', operation: 'Publish', send, pause: noPause }).catch((error: unknown) => error)
  const answering = (status: number, body: string) => errorOf(() => Promise.resolve({ status, body }))
  const xml = (code: string) =>
    `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code>` +
    '<Message>Not a &lt;Code&gt;</Message></Error><RequestId>r</RequestId></ErrorResponse>'

  test.each([
    ['the code of a JSON body', 'ValidationException', '{"__type":"com.amazon.coral.validate#ValidationException"}'],
    [
      'the code of a JSON body without a namespace',
      'ValidationException',
      '{"message":"m","__type":"ValidationException"}',
    ],
    ['the code of an XML body', 'AuthorizationError', xml('AuthorizationError')],
    ['no code if the JSON body has none', undefined, '{"message":"Forbidden"}'],
    ['no code if the type in the body is not a string', undefined, '{"__type":1}'],
    ['no code if the XML body has none', undefined, '<html></html>'],
    ['no code if the body is plain text', undefined, 'Bad gateway'],
    ['no code if the body is empty', undefined, ''],
  ])('has the service, the operation, the status and %s', async (_what, code, body) => {
    const error = await answering(403, body)
    expect(error).toBeInstanceOf(AwsCallError)
    expect(error).toMatchObject({ service: 'SNS', operation: 'Publish', status: 403, code })
  })

  test('has a cause but neither status nor code if the service did not answer', async () => {
    const cause = new HttpRequestError('unreachable', 'It cannot be reached.')
    const error = await errorOf(() => Promise.reject(cause))
    expect(error).toMatchObject({ service: 'SNS', operation: 'Publish', status: undefined, code: undefined, cause })
  })

  // SNS throttles with a 400 ("Resolve ThrottlingException errors in Amazon SNS", AWS re:Post). Regression: it was not
  // retried.
  test.each(['Throttling', 'ThrottlingException', 'KMSThrottling'])(
    'is treated as transient if SNS answers 400 with the code %s',
    async (code) => {
      const answers = [{ status: 400, body: xml(code) }]
      const send = () => Promise.resolve(answers.shift() ?? { status: 200, body: 'done' })
      expect(await callAws({ service: 'SNS', operation: 'Publish', send, pause: noPause })).toBe('done')
    },
  )

  // Regression: the codes of SQS were missing, so a throttled message was given up at once.
  test.each(['RequestThrottled', 'KmsThrottled'])(
    'is treated as transient if SQS answers 400 with the code %s',
    async (code) => {
      const answers = [{ status: 400, body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}` }) }]
      const send = () => Promise.resolve(answers.shift() ?? { status: 200, body: 'done' })
      expect(await callAws({ service: 'SQS', operation: 'SendMessage', send, pause: noPause })).toBe('done')
    },
  )
})
