import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { serverAudits } from 'graphql-http'
import { postGraphql } from '../support/post-graphql'
import { sharedService } from '../support/shared-service'

const service = sharedService('fixture')

describe('POST and GET /graphql', () => {
  const audits = serverAudits({ url: () => service.httpUrl, fetchFn: fetch })

  it('is checked by all 61 audits of the GraphQL over HTTP specification', () => {
    expect(audits).toHaveLength(61)
  })

  it.each(audits)('$id: $name', async ({ fn }) => {
    const result = await fn()
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok')
  })

  it('answers a query and a mutation', async () => {
    expect(await post('{ hello }')).toEqual({ status: 200, body: { data: { hello: 'Hello' } } })
    expect(await post('mutation { post(board: "http", text: "Yes") }')).toEqual({
      status: 200,
      body: { data: { post: expect.any(String) } },
    })
  })

  it.each(['application/json', 'application/graphql-response+json'])(
    'refuses a subscription and refers to the WebSocket (%s)',
    async (accept) => {
      expect(await post('subscription { text(board: "a") }', { accept })).toEqual({
        status: 400,
        body: { errors: [{ message: 'Subscriptions are served over the WebSocket, not over HTTP.' }] },
      })
    },
  )

  it('runs the named query of a document that also has a subscription', async () => {
    const query = 'query A { hello } subscription B { text(board: "a") }'
    expect(await post(query, { operationName: 'A' })).toMatchObject({ body: { data: {} } })
  })

  // Regression: Apollo Client never sent the document of the hash.
  it('serves Apollo Client although persisted queries are not supported', async () => {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: new PersistedQueryLink({ sha256: (text) => createHash('sha256').update(text).digest('hex') }).concat(
        new HttpLink({ uri: service.httpUrl }),
      ),
    })
    expect(await client.query({ query: gql('{ hello }') })).toMatchObject({
      data: { hello: 'Hello' },
    })
  })

  it('answers a hash in the query string with PersistedQueryNotSupported', async () => {
    const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash: 'a' } })
    const response = await fetch(`${service.httpUrl}?extensions=${encodeURIComponent(extensions)}`)
    expect(await response.json()).toEqual({
      errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
    })
  })

  it('enforces the limits on aliases and tokens of a document', async () => {
    const accept = 'application/graphql-response+json'
    const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, n) => `a${n}: hello`).join(' ')} }`
    expect(await post(aliases(16), { accept })).toMatchObject({
      status: 400,
      body: {
        errors: [{ message: 'Aliases limit of 15 exceeded, found 16.', extensions: { code: 'LIMIT_EXCEEDED' } }],
      },
    })
    expect(await post(aliases(10_000), { accept })).toMatchObject({
      status: 400,
      body: { errors: [{ message: 'Syntax Error: Document contains more that 1000 tokens. Parsing aborted.' }] },
    })
  })
})

/** The headers of Apollo Client's awareness, and of tracing in a browser. */
const clientHeaders = [
  ...['content-type', 'authorization', 'apollographql-client-name', 'apollographql-client-version'],
  ...['traceparent', 'tracestate', 'baggage', 'sentry-trace'],
]

it('the preflight request of a page of any origin is allowed', async () => {
  const preflight = await fetch(service.httpUrl, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': clientHeaders.join(),
    },
  })
  expect(preflight.ok).toBe(true)
  expect(preflight.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/example\.com)$/)
  expect(preflight.headers.get('access-control-allow-methods')).toContain('POST')
  const allowed = preflight.headers.get('access-control-allow-headers')?.toLowerCase().split(',')
  expect(allowed?.map((name) => name.trim())).toEqual(expect.arrayContaining(clientHeaders))
})

it('a page of any origin may read the response', async () => {
  const { headers } = await fetch(`${service.httpUrl}?query=${encodeURIComponent('{ hello }')}`, {
    headers: { origin: 'https://example.com' },
  })
  expect(headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/example\.com)$/)
})

interface Options {
  readonly accept?: string
  readonly operationName?: string
}

async function post(
  query: string,
  { accept = 'application/json', operationName }: Options = {},
): Promise<{ status: number; body: unknown }> {
  const response = await postGraphql(service.httpUrl, { query, operationName }, { accept })
  return { status: response.status, body: await response.json() }
}
