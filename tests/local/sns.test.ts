import { EventEmitter, on, once } from 'node:events'
import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import {
  BatchEntryIdsNotDistinctException,
  EmptyBatchRequestException,
  InvalidParameterException,
  ListTopicsCommand,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  TooManyEntriesInBatchRequestException,
} from '@aws-sdk/client-sns'
import { startSns, type SnsEvent, type SnsOptions } from '../../lib/local/sns'

const requests = 'arn:aws:sns:us-east-1:000000000000:requests'
const lonely = 'arn:aws:sns:us-east-1:000000000000:lonely'

const cleanUps: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

test('a message reaches every subscribed function as one record in the shape of AWS', async () => {
  const { client, nextCall } = await start({ functions: ['translateFr', 'translateDe'] })
  const Message = '{"text":"<Grüße> & “quotes”"}\n'

  const { MessageId } = await client.send(
    new PublishCommand({
      TopicArn: requests,
      Message,
      Subject: 'A subject',
      MessageAttributes: {
        language: { DataType: 'String', StringValue: 'fr' },
        bytes: { DataType: 'Binary', BinaryValue: Buffer.from('xy') },
      },
    }),
  )
  const calls = [await nextCall(), await nextCall()]

  expect(calls.map(({ functionName }) => functionName).sort()).toEqual(['translateDe', 'translateFr'])
  for (const { event } of calls) {
    expect(event).toEqual({
      Records: [
        {
          EventSource: 'aws:sns',
          EventVersion: '1.0',
          EventSubscriptionArn: expect.stringContaining(`${requests}:`),
          Sns: {
            Type: 'Notification',
            MessageId,
            TopicArn: requests,
            Subject: 'A subject',
            Message,
            Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
            SignatureVersion: '1',
            Signature: expect.any(String),
            SigningCertUrl: expect.any(String),
            UnsubscribeUrl: expect.any(String),
            MessageAttributes: { language: { Type: 'String', Value: 'fr' }, bytes: { Type: 'Binary', Value: 'eHk=' } },
          },
        },
      ],
    })
  }
})

test('a message without a subject has the subject null', async () => {
  const { client, nextCall } = await start()
  await client.send(new PublishCommand({ TopicArn: requests, Message: 'x' }))
  expect((await nextCall()).event.Records[0].Sns.Subject).toBeNull()
})

test('publishing does not wait for the functions', async () => {
  const never = new Promise<void>(() => undefined)
  const { client } = await start({ invoke: () => never })
  expect(await client.send(new PublishCommand({ TopicArn: requests, Message: 'x' }))).toHaveProperty('MessageId')
})

test('each entry of a batch is delivered separately, with the MessageId of the response', async () => {
  const { client, nextCall } = await start()

  const { Successful = [] } = await client.send(
    new PublishBatchCommand({
      TopicArn: requests,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: 'first' },
        { Id: 'b', Message: 'second', MessageAttributes: { n: { DataType: 'Number', StringValue: '2' } } },
      ],
    }),
  )
  const delivered = [await nextCall(), await nextCall()].map(({ event }) => event.Records[0].Sns)

  expect(Successful.map(({ Id }) => Id)).toEqual(['a', 'b'])
  expect(delivered).toEqual([
    expect.objectContaining({ MessageId: Successful[0]?.MessageId, Message: 'first', MessageAttributes: {} }),
    expect.objectContaining({
      MessageId: Successful[1]?.MessageId,
      Message: 'second',
      MessageAttributes: { n: { Type: 'Number', Value: '2' } },
    }),
  ])
})

test('a topic without subscribers accepts messages, and an unknown topic is not found', async () => {
  const { client } = await start()
  await client.send(new PublishCommand({ TopicArn: lonely, Message: 'x' }))
  const unknown = client.send(new PublishCommand({ TopicArn: `${requests}-other`, Message: 'x' }))
  await expect(unknown).rejects.toThrow(NotFoundException)
})

test('a message of 256 KiB is accepted, and one byte more, attributes included, is refused', async () => {
  const { client } = await start()
  const limit = 256 * 1024
  const attribute = { n: { DataType: 'String', StringValue: 'x' } } // 8 bytes: name, type and value

  await client.send(new PublishCommand({ TopicArn: requests, Message: 'x'.repeat(limit) }))
  for (const tooLarge of [
    { Message: 'x'.repeat(limit + 1) },
    { Message: 'é'.repeat(limit / 2) + 'x' },
    { Message: 'x'.repeat(limit - 7), MessageAttributes: attribute },
  ]) {
    const publish = client.send(new PublishCommand({ TopicArn: requests, ...tooLarge }))
    await expect(publish).rejects.toThrow(InvalidParameterException)
  }
})

test('an empty message is refused', async () => {
  const { client } = await start()
  const publish = client.send(new PublishCommand({ TopicArn: requests, Message: '' }))
  await expect(publish).rejects.toThrow(InvalidParameterException)
})

test('an empty batch, duplicate ids and more than 10 entries are refused', async () => {
  const { client } = await start()
  const send = (ids: readonly string[]): Promise<unknown> =>
    client.send(
      new PublishBatchCommand({
        TopicArn: requests,
        PublishBatchRequestEntries: ids.map((Id) => ({ Id, Message: 'x' })),
      }),
    )
  await expect(send([])).rejects.toThrow(EmptyBatchRequestException)
  await expect(send(['a', 'a'])).rejects.toThrow(BatchEntryIdsNotDistinctException)
  await expect(send(Array.from({ length: 11 }, (_, index) => String(index)))).rejects.toThrow(
    TooManyEntriesInBatchRequestException,
  )
})

test('an action other than publishing is invalid', async () => {
  const { client } = await start()
  await expect(client.send(new ListTopicsCommand({}))).rejects.toMatchObject({ name: 'InvalidAction' })
})

test('the XML of an error response escapes the input of the client', async () => {
  const { standIn } = await start()
  const response = await fetch(standIn.endpoint, { method: 'POST', body: new URLSearchParams({ Action: '<&>' }) })
  expect(await response.text()).toContain('The action &lt;&amp;&gt; is not valid')
})

test('a failing function gets the same message again, and the others do not', async () => {
  const failures = ['translateFr']
  const { client, nextCall } = await start({
    functions: ['translateFr', 'translateDe'],
    invoke: (functionName) =>
      functionName === failures[0] && failures.pop() ? Promise.reject(new Error('no')) : Promise.resolve(),
  })

  await client.send(new PublishCommand({ TopicArn: requests, Message: 'x' }))
  const calls = [await nextCall(), await nextCall(), await nextCall()]

  const fr = calls.filter(({ functionName }) => functionName === 'translateFr')
  expect(fr).toHaveLength(2)
  expect(fr[1]?.event).toEqual(fr[0]?.event)
})

test('a message is dropped after three failures, and the log line names it and the function', async () => {
  const { client, nextCall, nextLine } = await start({ invoke: () => Promise.reject(new Error('Table not found')) })

  const { MessageId } = await client.send(new PublishCommand({ TopicArn: requests, Message: 'x' }))
  const line = await nextLine()

  expect(line).toBe(`SNS: message ${String(MessageId)} was dropped: publish failed 3 times: Table not found`)
  for (let call = 1; call <= 3; call += 1) await nextCall()
})

test('closing cancels the retries of a delivery in progress', async () => {
  let fail: (error: Error) => void = () => undefined
  const invoke = () => new Promise<void>((_, reject) => (fail = reject))
  const { client, nextCall, standIn, calls, lines } = await start({ invoke })
  await client.send(new PublishCommand({ TopicArn: requests, Message: 'x' }))
  await nextCall()

  await standIn.close()
  fail(new Error('no'))
  await turnOfTheEventLoop() // further attempts, which wait 0 ms, would begin here

  expect([calls.length, lines]).toEqual([1, []])
})

interface Call {
  readonly functionName: string
  readonly event: SnsEvent
}

interface StartOptions extends Partial<Pick<SnsOptions, 'invoke' | 'retryDelaysMs'>> {
  readonly functions?: readonly string[]
}

async function start({
  functions = ['publish'],
  invoke = () => Promise.resolve(),
  retryDelaysMs = [0, 0],
}: StartOptions = {}) {
  const emitter = new EventEmitter()
  const nextCalls = on(emitter, 'call')
  const calls: Call[] = []
  const logged = once(emitter, 'line') as Promise<[string]>
  const lines: string[] = []
  const standIn = await startSns({
    port: 0,
    topics: [requests, lonely],
    subscriptions: functions.map((functionName) => ({ topicArn: requests, functionName })),
    invoke: (functionName, event) => {
      calls.push({ functionName, event })
      emitter.emit('call', { functionName, event })
      return invoke(functionName, event)
    },
    retryDelaysMs,
    log: (line) => {
      lines.push(line)
      emitter.emit('line', line)
    },
  })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new SNSClient({ endpoint: standIn.endpoint, region: 'us-east-1', credentials })
  cleanUps.push(standIn.close, () => {
    client.destroy()
  })
  return {
    client,
    standIn,
    calls,
    lines,
    nextCall: async () => ((await nextCalls.next()).value as [Call])[0],
    nextLine: async () => (await logged)[0],
  }
}
