import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import { type ClientsTable, startClientsTable } from '../support/clients-table'

type Connect = typeof import('../../handlers/connect').handler

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
  await jest.isolateModulesAsync(async () => {
    connect = (await import('../../handlers/connect')).handler
  })
})

afterAll(async () => {
  process.env = outside
  await table.close()
})

const event = (connectionId: string, headers: Readonly<Record<string, string>>) => ({
  headers,
  requestContext: { connectionId, connectedAt: Date.now(), requestTimeEpoch: Date.now(), requestId: 'request' },
})

it('refuses the page of an origin that is not on the list of the stage, and registers nobody', async () => {
  expect(await connect(event('evil', { Origin: 'https://evil.example' }))).toEqual({ statusCode: 403 })
  expect(await table.items()).toEqual([])
})

it('lets in the page of an origin that is on the list', async () => {
  expect(await connect(event('good', { Origin: 'https://other.example.com' }))).toEqual({ statusCode: 200 })
  expect(await table.items()).toMatchObject([{ connectionId: 'good' }])
})

it('refuses a token where the stage has no issuer to ask about it', async () => {
  expect(await connect(event('token', { Authorization: 'Bearer a.b.c' }))).toEqual({ statusCode: 401 })
})
