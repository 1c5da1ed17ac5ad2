import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { api } from '../fixture/api'
import { type ServedApi, serveApi } from '../support/served-api'

let served: ServedApi
let boards = 0
let board: string

beforeAll(async () => {
  served = await serveApi(api)
})
afterAll(() => served.close())

const event = (text: string, more: object = {}) => ({ channel: 'board', keys: board, data: { text }, ...more })
const sns = (...messages: readonly string[]) => ({
  Records: messages.map((Message, n) => ({ EventSource: 'aws:sns', Sns: { MessageId: `${board} ${n}`, Message } })),
})
const eventBridge = (detail: unknown) => ({
  version: '0',
  id: `${board} from EventBridge`,
  'detail-type': 'OrderChanged',
  source: 'com.example.orders',
  account: '000000000000',
  time: '2030-01-01T00:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail,
})

/** The ids and texts in the log of the test's board. */
async function logged(): Promise<readonly unknown[]> {
  const result = (await served.run(`{ notes(board: "${board}") { id text } }`)) as { data: { notes: unknown[] } }
  return result.data.notes
}

describe.each<readonly [string, (...texts: readonly string[]) => unknown, (n: number) => string]>([
  [
    'an SNS event with two records',
    (...texts) => sns(...texts.map((text) => JSON.stringify(event(text)))),
    (n) => `${board} ${n}`,
  ],
  [
    'a list of two events, as EventBridge Pipes sends it',
    (...texts) => texts.map((text) => event(text)),
    (n) => `request:${n}`,
  ],
])('%s', (_form, inputOf, idOf) => {
  it('publishes each event once, under an id that is the same in a retry', async () => {
    board = `many ${++boards}`
    for (let time = 0; time < 2; time++) {
      expect(await served.publish(inputOf('one', 'two'), 'request')).toEqual({ refused: [] })
    }
    expect(await logged()).toEqual([
      { id: idOf(0), text: 'one' },
      { id: idOf(1), text: 'two' },
    ])
  })
})

describe.each<readonly [string, (detail: unknown) => unknown, () => string]>([
  ['an EventBridge event', eventBridge, () => `${board} from EventBridge`],
  ['a plain event', (detail) => detail, () => 'request'],
  ['a list of one EventBridge event', (detail) => [eventBridge(detail)], () => `${board} from EventBridge`],
])('%s', (_form, inputOf, id) => {
  it('is published once even if it arrives twice', async () => {
    board = `one ${++boards}`
    for (let time = 0; time < 2; time++) {
      expect(await served.publish(inputOf(event('one')), 'request')).toEqual({ refused: [] })
    }
    expect(await logged()).toEqual([{ id: id(), text: 'one' }])
  })

  it('is published under its own id if it has one', async () => {
    board = `one ${++boards}`
    await served.publish(inputOf(event('one', { id: 'own' })))
    expect(await logged()).toEqual([{ id: 'own', text: 'one' }])
  })
})

describe('an invalid event', () => {
  const wrong = () => ({ ...event('wrong'), keys: 7 })
  const sentence = 'Expected "keys" to be a string or a list of strings, got a number.'

  it.each<readonly [string, () => unknown, () => unknown]>([
    ['in an SNS record', () => sns(JSON.stringify(wrong())), () => sns(JSON.stringify(wrong()))],
    ['in an EventBridge event', () => eventBridge(wrong()), () => eventBridge(wrong())],
    ['in a list', () => [event('right'), wrong()], wrong],
    ['by itself', wrong, wrong],
  ])('is refused and kept as a failed event once: %s', async (_where, inputOf, kept) => {
    board = `wrong ${++boards}`
    const before = served.failedEvents.length
    expect(await served.publish(inputOf())).toEqual({ refused: [sentence] })
    expect(served.failedEvents.slice(before)).toEqual([
      {
        version: '1.0',
        timestamp: expect.any(String),
        requestContext: {
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:publish',
          condition: 'Refused',
        },
        requestPayload: kept(),
        responsePayload: { errorType: 'InvalidEvent', errorMessage: sentence },
      },
    ])
  })

  it('does not prevent the other events of its list from being published', async () => {
    board = `others ${++boards}`
    const { refused } = await served.publish([event('one'), wrong(), event('two')])
    expect(refused).toEqual([sentence])
    expect(await logged()).toMatchObject([{ text: 'one' }, { text: 'two' }])
  })

  it.each<readonly [string, () => unknown, string]>([
    ['text that is not JSON', () => sns('{'), 'Expected the message to be valid JSON.'],
    [
      'data that the schema of the channel refuses',
      () => event(7 as never),
      '"text": Invalid type: Expected string but received 7.',
    ],
    ['an SQS record', () => ({ Records: [{ messageId: 'm', body: '{}' }] }), 'got "Records".'],
    ['an empty list of records', () => ({ Records: [] }), 'got "Records".'],
    ['undefined', () => undefined, 'Expected an event to be an object, got undefined.'],
    ['a string in a list', () => ['Hello'], 'Expected an event to be an object, got a string.'],
    // Regression: the publisher took the event for a task that it had handed on to itself, and failed three times
    // without an explanation.
    ['the internal member "replay"', () => event('a', { replay: true }), 'got "replay".'],
    ['the internal member "cursors"', () => event('a', { cursors: [] }), 'got "cursors".'],
  ])('is refused with a reason: %s', async (_what, inputOf, why) => {
    board = `why ${++boards}`
    const { refused } = await served.publish(inputOf())
    expect(refused).toEqual([expect.stringContaining(why)])
  })
})

it('an empty list of events is accepted', async () => {
  expect(await served.publish([])).toEqual({ refused: [] })
})
