import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { captureLogOfEach } from '../support/captured-log'
import { type ClientsTable, startClientsTable } from '../support/clients-table'

type Connect = typeof import('../../lib/handlers/connect').handler

const logged = captureLogOfEach()
const outside = process.env
let table: ClientsTable
let connect: Connect

beforeAll(async () => {
  table = await startClientsTable()
  process.env = {
    ...outside,
    CLIENTS_TABLE: table.tableName,
    CALLBACK_URL: 'https://example.com/dev',
    ACCESS: 'open',
    ALLOWED_ORIGINS: 'https://chat.example.com,https://other.example.com',
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: table.endpoint,
  }
  connect = await load()
})

/** Loads a new instance of the handler, which reads its environment while it loads. */
async function load(): Promise<Connect> {
  const loaded: Connect[] = []
  await jest.isolateModulesAsync(async () => {
    loaded.push((await import('../../lib/handlers/connect')).handler)
  })
  const [handler] = loaded
  if (!handler) throw new Error('The handler was not loaded.')
  return handler
}

afterAll(async () => {
  process.env = outside
  await table.close()
})

const event = (connectionId: string, headers: Readonly<Record<string, string>>) => ({
  headers,
  requestContext: { connectionId, connectedAt: Date.now(), requestTimeEpoch: Date.now(), requestId: 'request' },
})

it('refuses a page whose origin is not on the list of the stage, and registers nothing', async () => {
  expect(await connect(event('evil', { Origin: 'https://evil.example' }))).toEqual({ statusCode: 403 })
  expect(logged.join()).toMatch(/A page was refused.*"connectionId":"evil","origin":"https:\/\/evil.example"/)
  expect(await table.items()).toEqual([])
})

it('accepts and registers a page whose origin is on the list', async () => {
  expect(await connect(event('good', { Origin: 'https://other.example.com' }))).toEqual({ statusCode: 200 })
  expect(await table.items()).toMatchObject([{ connectionId: 'good' }])
})

it("accepts a client that sends the API's own origin", async () => {
  const headers = { Host: 'api.example.com', Origin: 'https://api.example.com' }
  expect(await connect(event('own', headers))).toEqual({ statusCode: 200 })
})

describe('KEEP_ALIVE', () => {
  afterEach(() => {
    delete process.env['KEEP_ALIVE']
  })

  it.each(['on', '1', 'True'])(
    'is invalid as "%s": the function does not start, and names the valid values',
    async (value) => {
      process.env['KEEP_ALIVE'] = value
      await expect(load()).rejects.toThrow(
        `Expected the environment variable KEEP_ALIVE to be "true" or "false", got "${value}".`,
      )
    },
  )

  it('stores a keep-alive item for each connection if it is "true"', async () => {
    process.env['KEEP_ALIVE'] = 'true'
    const connectAndKeep = await load()
    await connectAndKeep(event('kept', {}))
    const items = await table.items()
    expect(items.filter(({ connectionId }) => connectionId === 'kept')).toHaveLength(2)
  })
})

it('refuses a token if the stage has no issuer, and does not log the token', async () => {
  expect(await connect(event('token', { Authorization: 'Bearer a.b.c' }))).toEqual({ statusCode: 401 })
  expect(logged.join()).toMatch(/A token was refused.*"connectionId":"token".*This stage does not accept tokens/)
  expect(logged.join()).not.toContain('a.b.c')
})

it('refuses a client with an unknown sub-protocol, and logs that without its name', async () => {
  expect(await connect(event('other', { 'Sec-WebSocket-Protocol': 'secret' }))).toEqual({ statusCode: 400 })
  expect(logged.join()).toMatch(/A client was refused.*"connectionId":"other"/)
  expect(logged.join()).not.toContain('secret')
})
