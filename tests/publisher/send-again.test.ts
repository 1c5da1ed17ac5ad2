import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startSns } from '../../local/sns'
import type { StandIn } from '../../local/stand-in'
import { startQueue } from '../support/queue'
import { runTool } from '../support/run-tool'

const topicArn = 'arn:aws:sns:us-east-1:000000000000:leftovers'
const event = { id: 'e', channel: 'board', publishedAtMs: 1, sequence: 7, data: { text: 'Hello' } }
const published = { channel: 'board', keys: 'a', data: { text: 'Hello' } }
const recipients = [{ connectionId: 'c', operationId: '1', operation: 'o' }]

function runCommand(queueUrl: string, snsUrl: string) {
  const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' }
  return runTool('send-again', [queueUrl, topicArn], { ...env, AWS_ENDPOINT_URL_SNS: snsUrl })
}

describe('npm run send-again', () => {
  let sns: StandIn
  let messages: unknown[]
  beforeEach(async () => {
    messages = []
    sns = await startSns({
      port: 0,
      topics: [topicArn],
      subscriptions: [{ topicArn, functionName: 'publish' }],
      invoke: (_name, { Records: [{ Sns }] }) => {
        messages.push(JSON.parse(Sns.Message))
        return Promise.resolve()
      },
    })
  })
  afterEach(() => sns.close())

  test('gives every dead letter to a publisher, from the first round on, and keeps what is none', async () => {
    const letter = { event, log: 'board#a', cursors: [], recipients: [{ ...recipients[0], reason: '500' }], round: 2 }
    const failed = { Records: [{ Sns: { MessageId: 'm', Message: JSON.stringify(published) } }] }
    const starting = startQueue([JSON.stringify(letter), JSON.stringify(failed), 'no letter'])
    const queue = await starting

    const { code, output } = await runCommand(`${queue.endpoint}/000000000000/undelivered`, sns.endpoint)

    await queue.close()
    expect(output).toMatch(/Sent 2 again/)
    expect(output).toMatch(/stays in the queue: no letter/)
    expect(code).toBe(1)
    expect(messages).toEqual([
      { event, log: 'board#a', cursors: [], recipients, round: 0 },
      { ...published, id: 'm' },
    ])
    expect([...starting.left.values()]).toEqual(['no letter'])
  })

  // An event may have been logged before its publisher failed: under the id of another message it would be logged once more.
  test('gives an event that has no id of its own the id of the message that it came with, whatever brought it', async () => {
    const bridged = { id: 'b', 'detail-type': 'Note', detail: published }
    const piped = [published, { ...published, id: 'own' }]
    const starting = startQueue([bridged, piped, published].map((letter) => JSON.stringify(letter)))
    const queue = await starting

    await runCommand(`${queue.endpoint}/000000000000/undelivered`, sns.endpoint)

    await queue.close()
    const [first, second, ...others] = messages
    expect(first).toEqual({ ...published, id: 'b' })
    expect(second).toEqual({ ...published, id: expect.stringMatching(/^[0-9a-f-]{36}/) })
    expect(others).toEqual([
      { ...published, id: 'own' },
      { ...published, id: expect.any(String) },
    ])
    expect(starting.left.size).toBe(0)
  })

  // A replay that failed three times is among the dead letters as Lambda puts it there: it was taken for none.
  test('gives a replay to a publisher as it was', async () => {
    const replay = { replay: recipients[0], session: 's', after: 7 }
    const failed = { Records: [{ Sns: { MessageId: 'm', Message: JSON.stringify(replay) } }] }
    const starting = startQueue([JSON.stringify(failed)])
    const queue = await starting

    await runCommand(`${queue.endpoint}/000000000000/undelivered`, sns.endpoint)

    await queue.close()
    expect(messages).toEqual([replay])
    expect(starting.left.size).toBe(0)
  })

  test('leaves a letter where it is if SNS does not take it', async () => {
    const starting = startQueue([JSON.stringify({ event, cursors: [], recipients, round: 0 })])
    const queue = await starting
    await sns.close()
    sns = await startSns({ port: 0, topics: [], subscriptions: [], invoke: () => Promise.resolve() })

    const { code, output } = await runCommand(`${queue.endpoint}/000000000000/undelivered`, sns.endpoint)

    await queue.close()
    expect(code).toBe(1)
    expect(output).toMatch(/Topic does not exist/)
    expect(starting.left.size).toBe(1)
  })
})
