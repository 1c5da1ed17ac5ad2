import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { dial, type Dialling, type BareSocket } from '../support/bare-socket'
import { type Issuer, startIssuer } from '../support/issuer'
import { postGraphql } from '../support/post-graphql'
import { fixtureDir, type Service, startService } from '../support/service'
import { untilListening } from '../support/until-listening'

const secretText = 'the-text-of-a-message'
const secretParameter = 'a-connection-parameter'

let issuer: Issuer
let service: Service
const sockets: BareSocket[] = []
const tokens: string[] = []

beforeAll(async () => {
  issuer = await startIssuer()
  service = await startService({
    folder: fixtureDir,
    env: { TOKEN_ISSUER: issuer.endpoint, TOKEN_AUDIENCE: issuer.audience },
    args: ['--param=access=tokens', '--param=operationsPer10Seconds=3', '--param=introspection=false'],
  })
})

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

afterAll(async () => {
  await service.stop()
  await issuer.close()
})

async function connect({ query = '', ...dialling }: Dialling & { readonly query?: string } = {}): Promise<BareSocket> {
  const socket = await dial(`${service.webSocketUrl}${query}`, dialling)
  sockets.push(socket)
  return socket
}

async function tokenOf(claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const token = await issuer.token(claims)
  tokens.push(token)
  return token
}

const legacy = { protocols: ['graphql-ws'] }
const current = { protocols: ['graphql-transport-ws'] }
const greeting = { data: { hello: 'Hello' } }
const start = (query: string, id = '1') => ({ id, type: 'start', payload: { query } })

describe('a client with a valid token', () => {
  it('is served over the legacy protocol if start follows connection_init at once', async () => {
    const socket = await connect(legacy)
    socket.say({ type: 'connection_init', payload: { authToken: await tokenOf(), secretParameter } })
    socket.say(start('{ hello }'))
    expect(await socket.next()).toEqual({ type: 'connection_ack' })
    expect(await socket.next()).toEqual({ type: 'data', id: '1', payload: greeting })
  })

  it('is served over the legacy protocol even if start is sent before connection_init', async () => {
    const socket = await connect(legacy)
    socket.say(start('{ hello }'))
    socket.say({ type: 'connection_init', payload: { authToken: await tokenOf() } })
    expect(await socket.next()).toEqual({ type: 'connection_ack' })
    expect(await socket.next()).toEqual({ type: 'data', id: '1', payload: greeting })
  })

  it('is served over the current protocol', async () => {
    const socket = await connect(current)
    socket.say({ type: 'connection_init', payload: { Authorization: `Bearer ${await tokenOf()}` } })
    expect(await socket.next()).toEqual({ type: 'connection_ack' })
    socket.say({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } })
    expect(await socket.next()).toEqual({ id: '1', type: 'next', payload: greeting })
  })

  it.each([
    ['a header', async () => ({ headers: { Authorization: `Bearer ${await tokenOf()}` } })],
    ['a query parameter', async () => ({ query: `?token=${await tokenOf()}` })],
  ])('is served over the raw dialect with the token in %s of $connect', async (_where, dialling) => {
    const socket = await connect(await dialling())
    socket.say({ query: '{ hello }' })
    expect(await socket.next()).toEqual(greeting)
  })

  it('need not repeat the token of $connect in connection_init', async () => {
    const socket = await connect({ ...current, query: `?token=${await tokenOf()}` })
    socket.say({ type: 'connection_init' })
    expect(await socket.next()).toEqual({ type: 'connection_ack' })
  })

  it('is served over HTTP', async () => {
    const response = await post('{ hello }', await tokenOf())
    expect([response.status, await response.json()]).toEqual([200, greeting])
  })
})

describe('a client without a valid token', () => {
  it.each([
    ['no token', () => Promise.resolve({})],
    ['an expired token', async () => ({ authToken: await tokenOf({ exp: 1 }) })],
  ])('gets connection_error and no data over the legacy protocol: %s', async (_what, payload) => {
    const socket = await connect(legacy)
    socket.say({ type: 'connection_init', payload: await payload() })
    socket.say(start(`mutation { post(board: "a", text: "${secretText}") }`))
    const frames = [await socket.next(), await untilClosed(socket)].flat()
    expect(frames).toContainEqual({
      type: 'connection_error',
      id: null,
      payload: { message: expect.stringMatching(/token/i) },
    })
    expect(frames.map(({ type }) => type)).not.toContain('data')
  })

  it('gets an error for a legacy start without connection_init', async () => {
    const socket = await connect(legacy)
    socket.say(start('{ hello }'))
    expect(await socket.next()).toMatchObject({ type: 'error', id: '1', payload: { extensions: unauthenticated } })
  })

  it('is closed over the current protocol, with the reason in place of connection_ack', async () => {
    const socket = await connect(current)
    socket.say({ type: 'connection_init', payload: { authToken: 'nonsense' } })
    expect(await untilClosed(socket)).toEqual([{ type: '4403: The token is not a valid token of this issuer.' }])
  })

  it('is refused over the raw dialect', async () => {
    const socket = await connect()
    socket.say({ query: '{ hello }' })
    expect(await socket.next()).toMatchObject({ errors: [{ extensions: unauthenticated }] })
  })

  it('gets 401 from $connect with a token for another audience', async () => {
    const handshake = connect({ query: `?token=${await tokenOf({ aud: 'shop' })}` })
    await expect(handshake).rejects.toMatchObject({ message: 'Unexpected server response: 401' })
  })

  it.each([
    ['no token', undefined],
    ['an invalid token', 'nonsense'],
  ])('gets 401 over HTTP: %s', async (_what, token) => {
    const response = await post('{ hello }', token)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toMatchObject({ errors: [{ extensions: unauthenticated }] })
  })
})

describe('a user', () => {
  const mine = 'subscription { mine { text } }'

  it('receives messages to them on every connection, and no other user does', async () => {
    const bob = [await subscribed(mine, { sub: 'bob' }), await subscribed(mine, { sub: 'bob' })]
    const carol = await subscribed(mine, { sub: 'carol' })
    const { dynamoDbEndpoint } = service
    await untilListening({ dynamoDbEndpoint, topic: 'person#bob', subscribers: bob.length })
    await untilListening({ dynamoDbEndpoint, topic: 'person#carol', subscribers: 1 })
    await write('bob', secretText)
    await write('carol', 'For Carol')
    for (const socket of bob) expect(await noteOf(socket)).toEqual({ text: secretText })
    expect(await noteOf(carol)).toEqual({ text: 'For Carol' })
  })

  it('receives missed messages on reconnect, and another user with the same clientId does not', async () => {
    const { dynamoDbEndpoint } = service
    const clientId = 'the same client'
    const first = await subscribed(mine, { sub: 'dora' }, clientId)
    await untilListening({ dynamoDbEndpoint, topic: 'person#dora', subscribers: 1 })
    await write('dora', 'Before')
    expect(await noteOf(first)).toEqual({ text: 'Before' })
    first.close()
    await first.closed
    await write('dora', 'Meanwhile')
    const other = await subscribed(mine, { sub: 'erin' }, clientId)
    await untilListening({ dynamoDbEndpoint, topic: 'person#erin', subscribers: 1 })
    const second = await subscribed(mine, { sub: 'dora' }, clientId)
    const heard: unknown[] = []
    while (!JSON.stringify(heard).includes('Meanwhile')) heard.push(await noteOf(second))
    await write('erin', 'For Erin')
    expect(await noteOf(other)).toEqual({ text: 'For Erin' })
  })

  it.each([
    ['a member of the groups of their token', ['cooks', 'finance'], 'alice of cooks of finance'],
    ['a member of the group that their token names as a string', 'finance', 'alice of finance'],
    ['a member of no group if their token names them in another form', { finance: true }, 'alice'],
  ])('is %s', async (_what, groups, me) => {
    expect(await (await post('{ me }', await tokenOf({ groups }))).json()).toEqual({ data: { me } })
  })
})

it('the service uses the token issuer of the environment instead of the local one', () => {
  expect(service.output()).toMatch(/Tokens +of your issuer/)
  expect(service.tokenUrl).toBeUndefined()
})

it('both APIs refuse introspection if the stage disables it', async () => {
  const question = '{ __schema { queryType { name } } }'
  const refusal = {
    errors: expect.arrayContaining([expect.objectContaining({ message: expect.stringContaining('introspection') })]),
  }
  expect(await (await post(question, await tokenOf())).json()).toMatchObject(refusal)
  const socket = await connect({ query: `?token=${await tokenOf()}` })
  socket.say({ query: question })
  expect(await socket.next()).toMatchObject(refusal)
})

it('a connection over its rate gets RATE_LIMITED with the limit', async () => {
  const socket = await connect({ query: `?token=${await tokenOf()}` })
  for (let n = 0; n < 7; n++) socket.say({ query: '{ hello }' }) // one more than two windows allow
  const frames = []
  for (let n = 0; n < 7; n++) frames.push(await socket.next())
  expect(frames).toContainEqual({
    errors: [
      { message: expect.stringContaining('at most 3 operations in 10 s'), extensions: { code: 'RATE_LIMITED' } },
    ],
  })
  expect(frames).toContainEqual(greeting)
})

it('the log contains no token, no text of an event and no connection parameter', () => {
  expect(tokens.length).toBeGreaterThan(0)
  for (const secret of [...tokens, secretText, secretParameter]) expect(service.output()).not.toContain(secret)
})

const unauthenticated = { code: 'UNAUTHENTICATED' }

function post(query: string, token?: string): Promise<Response> {
  return postGraphql(service.httpUrl, { query }, token === undefined ? {} : { authorization: `Bearer ${token}` })
}

/** Waits until the socket is closed. @returns the frames that were not read yet */
async function untilClosed(socket: BareSocket): Promise<Awaited<ReturnType<BareSocket['next']>>[]> {
  await socket.closed
  const frames = []
  for (;;) {
    try {
      frames.push(await socket.next())
    } catch {
      return frames
    }
  }
}

/** Connects with a token of these claims, and sends a subscription. */
async function subscribed(
  query: string,
  claims: Readonly<Record<string, unknown>>,
  clientId?: string,
): Promise<BareSocket> {
  const socket = await connect({ ...current, query: `?token=${await tokenOf(claims)}` })
  socket.say({ type: 'connection_init', ...(clientId !== undefined && { payload: { clientId } }) })
  await socket.next()
  socket.say({ id: 's', type: 'subscribe', payload: { query } })
  return socket
}

async function write(to: string, text: string): Promise<void> {
  const response = await post(`mutation { write(to: "${to}", text: "${text}") }`, await tokenOf())
  expect(await response.json()).toEqual({ data: { write: expect.any(String) } })
}

const NoteFrame = v.object({ payload: v.object({ data: v.object({ mine: v.unknown() }) }) })

async function noteOf(socket: BareSocket): Promise<unknown> {
  return v.parse(NoteFrame, await socket.next()).payload.data.mine
}
