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
  ['records of SNS', (...texts) => sns(...texts.map((text) => JSON.stringify(event(text)))), (n) => `${board} ${n}`],
  ['a list, as EventBridge Pipes sends them', (...texts) => texts.map((text) => event(text)), (n) => `request:${n}`],
])('%s', (_form, inputOf, idOf) => {
  it('may be many events, each with an id that is the same when it comes again', async () => {
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
  ['an event of EventBridge', eventBridge, () => `${board} from EventBridge`],
  ['an event itself', (detail) => detail, () => 'request'],
  ['an event of EventBridge in a list', (detail) => [eventBridge(detail)], () => `${board} from EventBridge`],
])('%s', (_form, inputOf, id) => {
  it('is published once, though it comes twice', async () => {
    board = `one ${++boards}`
    for (let time = 0; time < 2; time++) {
      expect(await served.publish(inputOf(event('one')), 'request')).toEqual({ refused: [] })
    }
    expect(await logged()).toEqual([{ id: id(), text: 'one' }])
  })

  it('keeps an id of its own', async () => {
    board = `one ${++boards}`
    await served.publish(inputOf(event('one', { id: 'own' })))
    expect(await logged()).toEqual([{ id: 'own', text: 'one' }])
  })
})

describe('an event that is wrong', () => {
  const wrong = () => ({ ...event('wrong'), keys: 7 })
  const sentence = 'Expected "keys" to be a string or a list of strings, got a number.'

  it.each<readonly [string, () => unknown, () => unknown]>([
    ['in a record of SNS', () => sns(JSON.stringify(wrong())), () => sns(JSON.stringify(wrong()))],
    ['in an event of EventBridge', () => eventBridge(wrong()), () => eventBridge(wrong())],
    ['in a list', () => [event('right'), wrong()], wrong],
    ['by itself', wrong, wrong],
  ])('is refused once: %s', async (_where, inputOf, kept) => {
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

  it('does not keep the others of its list from being published', async () => {
    board = `others ${++boards}`
    const { refused } = await served.publish([event('one'), wrong(), event('two')])
    expect(refused).toEqual([sentence])
    expect(await logged()).toMatchObject([{ text: 'one' }, { text: 'two' }])
  })

  it.each<readonly [string, () => unknown, string]>([
    ['no JSON', () => sns('{'), 'Expected the message to be valid JSON.'],
    [
      'data that the channel does not take',
      () => event(7 as never),
      '"text": Invalid type: Expected string but received 7.',
    ],
    ['a record of SQS', () => ({ Records: [{ messageId: 'm', body: '{}' }] }), 'got "Records".'],
    ['no record', () => ({ Records: [] }), 'got "Records".'],
    ['no event at all', () => undefined, 'Expected an event to be an object, got undefined.'],
    ['a text in a list', () => ['Hello'], 'Expected an event to be an object, got a string.'],
    // Regression: the publisher took the event for a task that it had handed on to itself, and failed three times
    // without an explanation.
    ['a member that the publisher itself uses', () => event('a', { replay: true }), 'got "replay".'],
    ['another member that the publisher itself uses', () => event('a', { cursors: [] }), 'got "cursors".'],
  ])('is refused with a sentence that says why: %s', async (_what, inputOf, why) => {
    board = `why ${++boards}`
    const { refused } = await served.publish(inputOf())
    expect(refused).toEqual([expect.stringContaining(why)])
  })
})

it('a list of nothing is no event, and nothing is refused', async () => {
  expect(await served.publish([])).toEqual({ refused: [] })
})
