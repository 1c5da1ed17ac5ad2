import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { AwsCallError, channel, ConfigurationError, createPublisher, InvalidEvent } from '../../lib'
import type { StandIn } from '../../lib/local/stand-in'
import { startSns } from '../../lib/local/sns'
import { until } from '../support/until'
import { boards, drafts, people } from '../fixture/api'

const eventsTopic = 'arn:aws:sns:us-east-1:000000000000:events'
const otherTopic = 'arn:aws:sns:us-east-1:000000000000:other'
const note = { text: 'Hello' }
const outside = process.env
let sns: StandIn
let came: { readonly topic: string; readonly event: unknown }[]

beforeAll(async () => {
  const topics = [eventsTopic, otherTopic]
  sns = await startSns({
    port: 0,
    topics,
    subscriptions: topics.map((topicArn) => ({ topicArn, functionName: topicArn })),
    invoke: (topic, { Records: [{ Sns }] }) => {
      came.push({ topic, event: JSON.parse(Sns.Message) })
      return Promise.resolve()
    },
  })
})
afterAll(() => sns.close())

beforeEach(() => {
  came = []
  process.env = {
    ...outside,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_SNS: sns.endpoint,
    AWS_MAX_ATTEMPTS: '1',
    EVENTS_TOPIC_ARN: eventsTopic,
  }
})
afterEach(() => {
  process.env = outside
})

/** Resolves with the messages that SNS received, once there are at least `count`. */
const arrived = (count: number) =>
  until(
    () => Promise.resolve(came),
    ({ length }) => length >= count,
  )

describe('the SNS topic of a publisher', () => {
  it('is taken from the environment by default', async () => {
    await createPublisher()(boards.event('a', note, { id: 'e' }))
    expect(await arrived(1)).toEqual([
      { topic: eventsTopic, event: { channel: 'board', keys: ['a'], id: 'e', data: note } },
    ])
  })

  it('can be set by the caller, even if the environment names none', async () => {
    delete process.env['EVENTS_TOPIC_ARN']
    await createPublisher({ topicArn: otherTopic })(boards.event('a', note))
    expect(await arrived(1)).toMatchObject([{ topic: otherTopic }])
  })

  it('must be configured, or an error names the missing environment variable', () => {
    delete process.env['EVENTS_TOPIC_ARN']
    expect(() => createPublisher()).toThrow(ConfigurationError)
    expect(() => createPublisher()).toThrow('The environment variable EVENTS_TOPIC_ARN is not set.')
  })
})

it('publishes events of several channels in one call, and nothing in a call without events', async () => {
  const publish = createPublisher()
  await publish()
  await publish(boards.event('a', note), people.event('ann', note), drafts.event('a', 'Hel'))
  const channels = (await arrived(3)).map(({ event }) => (event as { channel: string }).channel)
  expect(channels.toSorted()).toEqual(['board', 'draft', 'person'])
})

it('publishes nothing if one of the events is invalid, and names the invalid member', async () => {
  const publishing = createPublisher()(boards.event('a', note), boards.event('a', { text: 7 as never }))
  await expect(publishing).rejects.toThrow(InvalidEvent)
  await expect(publishing).rejects.toThrow('"text": Invalid type: Expected string but received 7.')
  await createPublisher()(drafts.event('a', 'the first that comes'))
  expect(await arrived(1)).toMatchObject([{ event: { data: 'the first that comes' } }])
})

it('publishes data unchanged; the schema of the channel transforms them on receipt', async () => {
  const Dated = v.object({ at: v.pipe(v.string(), v.isoDate(), v.toDate()) })
  const dated = channel('dated', { log: true, data: Dated })
  await createPublisher()(dated.event('a', { at: '2030-01-01' }))
  const [{ event } = { event: undefined }] = await arrived(1)
  expect(event).toMatchObject({ data: { at: '2030-01-01' } })
  expect(await dated.decode((event as { data: unknown }).data)).toEqual({ at: new Date('2030-01-01') })
})

it('rejects with an AwsCallError if SNS refuses a message', async () => {
  const publishing = createPublisher({ topicArn: `${eventsTopic}-gone` })(boards.event('a', note))
  await expect(publishing).rejects.toThrow(AwsCallError)
  await expect(publishing).rejects.toMatchObject({ service: 'SNS', operation: 'Publish', code: 'NotFound' })
  const tooLong = boards.event('a', { text: 'x'.repeat(300_000) })
  await expect(createPublisher()(tooLong)).rejects.toMatchObject({ code: 'InvalidParameter' })
})

it('sends the same message through the `send` of the caller, and rejects if that fails', async () => {
  const sent: unknown[] = []
  const send = (message: string, topicArn: string) => Promise.resolve(sent.push([JSON.parse(message), topicArn]))
  await createPublisher({ send, topicArn: otherTopic })(boards.event('a', note, { id: 'e' }))
  expect(sent).toEqual([[{ channel: 'board', keys: ['a'], id: 'e', data: note }, otherTopic]])
  const failing = createPublisher({ send: () => Promise.reject(new Error('No line.')) })
  await expect(failing(boards.event('a', note))).rejects.toThrow('No line.')
})
