import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { type Access, createAccess } from '../../lib/authentication/access'
import { reasons } from '../../lib/authentication/reasons'
import type { VerifyToken } from '../../lib/authentication/token-verifier'
import type { Clients } from '../../lib/clients/clients'
import type { Identity } from '../../lib/identity'
import type { Answer } from '../../lib/protocol/dialect'
import type { Subprotocol } from '../../lib/protocol/subprotocol'
import { publish, type PublishReport } from '../../lib/publisher/publish'
import { receiveMessage } from '../../lib/receive/receive-message'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { publicationOf, publisherOf, timesOf } from '../support/publisher'
import { parseMessage, receiverOf } from '../support/receiver'

/**
 * API Gateway invokes a Lambda for each message at the same time, and they finish in any order. These tests delay the
 * store's calls one by one to force each order that matters. The order of messages is that in which API Gateway
 * received them.
 */
let table: ClientsTable
let clients: Clients
let connectionId: string
let connections = 0
let clock = Date.now()

const open = createAccess({ required: false, verify: undefined })
/** Accepts any token as one of ann. */
const verify: VerifyToken = () =>
  Promise.resolve({ kind: 'valid', identity: { subject: 'ann', groups: [], expiresAtSeconds: 2 ** 33, claims: {} } })
const openWithIssuer = createAccess({ required: false, verify })
const closed = createAccess({ required: true, verify })
const helloWithToken = { type: 'connection_init', payload: { authToken: 'token' } }
const nothing: Answer = { frames: [] }
const hello = { type: 'connection_init' }
/** The frame at which a client of graphql-ws gives up. */
const told = (type: string) => JSON.stringify({ type })
const ack: Answer = { frames: ['{"type":"connection_ack"}'] }
const start = (id: string, query = 'subscription { text(board: "room") }') => ({
  id,
  type: 'start',
  payload: { query },
})
const notes = (board: string, ...tags: readonly string[]) =>
  start('1', `subscription { notes(board: "${board}", tags: ${JSON.stringify(tags)}) { text } }`)
const subscribe = (id: string, query?: string) => ({ ...start(id, query), type: 'subscribe' })

beforeAll(async () => {
  table = await startClientsTable()
  ;({ clients } = table)
})

afterAll(() => table.close())

beforeEach(() => {
  connectionId = `connection-${String(++connections)}`
})

it('executes a legacy start that arrives before connection_init is answered', async () => {
  await connect('graphql-ws')
  const held = table.hold('UpdateItem')
  const initialising = receive(hello)
  await held.reached
  expect(await receive(start('during'))).toEqual(nothing)
  held.release()
  expect(await initialising).toEqual(ack)
  expect(await receive(start('after'))).toEqual(nothing)
  expect(await subscriptions()).toEqual(['after', 'during'])
})

// Regression: on an open stage, `start` did not wait, so a user's own subscription was refused although the token had
// just been sent.
it.each([
  ['open', 'graphql-ws', openWithIssuer],
  ['open', undefined, openWithIssuer],
  ['closed', undefined, closed],
] as const)(
  'makes a legacy start wait for the token of the connection_init it overtakes: %s stage, %s',
  async (_stage, subprotocol, access) => {
    await connect(subprotocol)
    const acknowledging = table.hold('UpdateItem')
    const initialising = receive(helloWithToken, { access })
    await acknowledging.reached
    const rereading = table.hold('GetItem')
    const starting = receive(start('1', 'subscription { mine { text } }'), { access })
    await Promise.race([rereading.reached, starting])
    acknowledging.release()
    expect(await initialising).toEqual(ack)
    rereading.release()
    expect(await starting).toEqual(nothing)
    expect(await topics()).toEqual(['person#ann'])
  },
)

it('makes a legacy start wait only until connection_init is answered, even without a token', async () => {
  await connect('graphql-ws')
  const rereading = table.hold('GetItem')
  const starting = receive(start('1'), { access: openWithIssuer })
  await rereading.reached
  expect(await receive(hello, { access: openWithIssuer })).toEqual(ack)
  const called: string[] = []
  table.onCall = (operation) => void called.push(operation)
  rereading.release()
  expect(await starting).toEqual(nothing)
  table.onCall = undefined
  expect(called).toEqual(['GetItem', 'PutItem'])
})

it('refuses a waiting legacy start if its connection_init is refused', async () => {
  await connect('graphql-ws')
  const rereading = table.hold('GetItem')
  const starting = receive(start('1'), { access: openWithIssuer })
  await rereading.reached
  const refusing = createAccess({
    required: false,
    verify: () => Promise.resolve({ kind: 'invalid', reason: reasons.expired }),
  })
  expect((await receive(helloWithToken, { access: refusing })).close?.code).toBe(1011)
  rereading.release()
  expect((await starting).frames).toEqual([expect.stringContaining('UNAUTHENTICATED')])
  expect(await itemsOfConnection()).toEqual([])
})

it('closes a current connection whose subscribe overtakes its connection_init, and stores nothing', async () => {
  await connect('graphql-transport-ws')
  const held = table.hold('UpdateItem')
  const initialising = receive(hello)
  await held.reached
  expect(await receive(subscribe('1'))).toMatchObject({ frames: [told('4401: Unauthorized')], close: { code: 4401 } })
  held.release()
  expect(await initialising).toEqual(ack)
  expect(await subscriptions()).toEqual([])
})

it('acknowledges one of two concurrent current connection_inits, and closes for the other', async () => {
  await connect('graphql-transport-ws')
  const held = table.hold('UpdateItem')
  const first = receive(hello)
  await held.reached
  expect(await receive(hello)).toEqual(ack)
  held.release()
  expect(await first).toMatchObject({
    frames: [told('4429: Too many initialisation requests')],
    close: { code: 4429 },
  })
})

it('acknowledges both of two concurrent legacy connection_inits', async () => {
  await connect('graphql-ws')
  const held = table.hold('UpdateItem')
  const first = receive(hello)
  await held.reached
  expect(await receive(hello)).toEqual(ack)
  held.release()
  expect(await first).toEqual(ack)
})

it.each([
  ['graphql-ws', start('1'), { id: '1', type: 'stop' }],
  ['graphql-transport-ws', subscribe('1'), { id: '1', type: 'complete' }],
] as const)(
  'stores nothing for a subscription that is stopped while it is being stored (%s)',
  async (subprotocol, begin, end) => {
    await connect(subprotocol)
    await receive(hello)
    const held = table.hold('PutItem')
    const starting = receive(begin)
    await held.reached
    expect(await receive(end)).toEqual(nothing)
    held.release()
    expect(await starting).toEqual(nothing)
    expect(await subscriptions()).toEqual([])
  },
)

it('stores no topic of a subscription with tags that is stopped while it is being stored', async () => {
  await connect('graphql-ws')
  const held = table.hold('PutItem')
  const starting = receive(start('1', 'subscription { notes(board: "room", tags: ["fr", "de"]) { text } }'))
  await held.reached
  await receive({ id: '1', type: 'stop' })
  held.release()
  await starting
  expect((await itemsOfConnection()).filter(({ topic }) => topic !== undefined)).toEqual([])
})

it('keeps a restarted subscription if the stop before it is processed late', async () => {
  await connect('graphql-ws')
  await receive(start('1'))
  const held = table.hold('DeleteItem')
  const stopping = receive({ id: '1', type: 'stop' })
  await held.reached
  await receive(start('1', 'subscription { again: text(board: "room") }'))
  held.release()
  await stopping
  expect(await subscriptions()).toEqual(['1'])
})

it('keeps the later of two legacy starts with the same id, even if it is stored first', async () => {
  await connect('graphql-ws')
  const held = table.hold('PutItem')
  const first = receive(start('1', 'subscription { first: text(board: "room") }'))
  await held.reached
  await receive(start('1', 'subscription { second: text(board: "room") }'))
  held.release()
  await first
  expect((await itemsOfConnection()).map(({ query }) => query)).toEqual([
    undefined,
    'subscription { second: text(board: "room") }',
  ])
})

// Regression: the stop deleted further topics by their keys alone, after the new subscription had stored its own.
it('keeps every topic of a subscription that is restarted while the stop before it deletes the earlier ones', async () => {
  await connect('graphql-ws')
  await receive(notes('restarted', 'fr'))
  const held = table.hold('DeleteItem', 'further#1#1')
  const stopping = receive({ id: '1', type: 'stop' })
  await held.reached
  await receive(notes('restarted', 'fr'))
  held.release()
  await stopping
  expect(await topics()).toEqual(['board#restarted#fr', 'board#restarted#'])
  expect((await publishTo('restarted', 'again')).frames).toHaveLength(1)
})

// Regression: the second start deleted further topics of the first by their keys alone, after the third had stored its
// own.
it('keeps every topic of a start that replaces another while that deletes topics of the one before it', async () => {
  await connect('graphql-ws')
  await receive(notes('replaced', 'fr', 'de'))
  const held = table.hold('DeleteItem', 'further#1#1')
  const second = receive(start('1', 'subscription { text(board: "replaced") }'))
  await held.reached
  await receive(notes('replaced', 'fr', 'de'))
  held.release()
  await second
  expect(await topics()).toEqual(['board#replaced#fr', 'board#replaced#de', 'board#replaced#'])
  expect((await publishTo('replaced', 'again')).frames).toHaveLength(1)
})

it('closes a current connection with two concurrent subscribes of one id, and keeps the first', async () => {
  await connect('graphql-transport-ws')
  await receive(hello)
  const held = table.hold('PutItem')
  const first = receive(subscribe('1'))
  await held.reached
  expect(await receive(subscribe('1'))).toEqual(nothing)
  held.release()
  expect(await first).toMatchObject({
    frames: [told('4409: Subscriber for 1 already exists')],
    close: { code: 4409, reason: 'Subscriber for 1 already exists' },
  })
  expect(await subscriptions()).toEqual(['1'])
})

it('stores a raw subscription once, however often it is sent', async () => {
  await connect(undefined)
  const request = { query: 'subscription { text(board: "room") }', variables: {} }
  const held = table.hold('PutItem')
  const first = receive(request)
  await held.reached
  await receive(request)
  held.release()
  await first
  expect(await subscriptions()).toHaveLength(1)
})

it('stores a start that finishes after $disconnect with its ttl, and the next event deletes it', async () => {
  await connect('graphql-ws')
  const client = await clients.find(connectionId)
  const held = table.hold('PutItem')
  const starting = receive(start('late', 'subscription { text(board: "gone") }'))
  await held.reached
  await clients.remove(connectionId)
  held.release()
  await starting
  expect(await itemsOfConnection()).toEqual([expect.objectContaining({ id: 'subscription#late', ttl: client?.ttl })])
  const { report } = await publishTo('gone', 'gone')
  expect(report).toMatchObject({ gone: 1, delivered: 0 })
  expect(await itemsOfConnection()).toEqual([])
})

it.each([
  ['legacy', start('1'), ['{"type":"error","id":"1"'], 1011],
  ['current', subscribe('1'), [], 4401],
  ['raw', { query: '{ hello }' }, ['{"errors":['], 1011],
  ['unknown', '{', ['{"type":"connection_error"'], 1011],
  ['unknown', hello, [], 1011],
])(
  'ends the connection of an unregistered client, and stores nothing (%s: %j)',
  async (_dialect, message, frames, code) => {
    const answer = await receive(message)
    expect(answer.close?.code).toBe(code)
    expect(answer.frames).toEqual(frames.map((head) => expect.stringContaining(head)))
    expect(await itemsOfConnection()).toEqual([])
  },
)

it('remembers a stop on an unregistered connection for at most 2 minutes', async () => {
  expect(await receive({ id: '1', type: 'stop' })).toEqual(nothing)
  const [item] = await itemsOfConnection()
  expect(Number(item?.['ttl'])).toBeLessThanOrEqual(Date.now() / 1000 + 120)
})

it('treats an expired connection as unregistered', async () => {
  await clients.register({
    connectionId,
    callbackUrl: 'url',
    subprotocol: 'graphql-ws',
    connectedAtMs: Date.now() - 7_200_000,
  })
  expect((await receive(start('1'))).close?.code).toBe(1011)
  expect((await receive(hello)).close?.code).toBe(1011)
})

it('may miss an event while a subscription is being stored, but delivers the next one', async () => {
  await connect('graphql-ws')
  const held = table.hold('PutItem')
  const starting = receive(start('1', 'subscription { text(board: "busy") }'))
  await held.reached
  expect((await publishTo('busy', 'early')).frames).toEqual([])
  held.release()
  await starting
  const { frames } = await publishTo('busy', 'late')
  expect(frames.map((frame) => JSON.parse(frame) as unknown)).toEqual([
    { type: 'data', id: '1', payload: { data: { text: 'late' } } },
  ])
})

it('delivers nothing to a subscription until its first topic is stored', async () => {
  await connect('graphql-ws')
  const query = 'subscription { notes(board: "half", tags: ["fr"]) { text } }'
  const further = table.hold('PutItem')
  const starting = receive(start('1', query))
  await further.reached
  const first = table.hold('PutItem')
  further.release()
  await first.reached
  expect(await itemsOfConnection()).toHaveLength(2)
  expect((await publishTo('half', 'early')).frames).toEqual([])
  first.release()
  await starting
  expect((await publishTo('half', 'late')).frames).toHaveLength(1)
})

function connect(subprotocol: Subprotocol | undefined): Promise<void> {
  return clients.register({ connectionId, callbackUrl: 'https://callback', subprotocol, connectedAtMs: Date.now() })
}

function receive(message: unknown, served: { readonly access: Access } = { access: open }): Promise<Answer> {
  const received = { connectionId, message: parseMessage(message), receivedAtMs: ++clock }
  const contextFor = (identity: Identity | undefined) => ({ identity })
  return receiveMessage(received, receiverOf(table, { contextFor, ...served }))
}

async function itemsOfConnection(): Promise<readonly Record<string, unknown>[]> {
  return (await table.items()).filter((item) => item['connectionId'] === connectionId)
}

async function subscriptions(): Promise<readonly unknown[]> {
  const items = (await itemsOfConnection()).filter(({ topic }) => topic !== undefined)
  return items.map(({ id }) => String(id).replace('subscription#', '')).toSorted()
}

async function topics(): Promise<readonly unknown[]> {
  const items = (await itemsOfConnection()).filter(({ operation }) => operation !== undefined)
  return items.map(({ topic }) => topic)
}

async function publishTo(keys: string, text: string): Promise<{ frames: readonly string[]; report: PublishReport }> {
  const frames: string[] = []
  const publisher = publisherOf(table, {
    deliver: ({ head, rest }) => {
      frames.push(head.text + rest)
      return Promise.resolve({ kind: text === 'gone' ? 'gone' : 'delivered' })
    },
  })
  const publication = publicationOf({ channel: 'board', keys, tags: ['fr'], data: { text, tag: 'fr' } })
  const report = await publish(publication, publisher, timesOf(10_000))
  return { frames, report }
}
