import { createServer } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { Agent } from 'node:https'
import { sdkStatusOf } from '../../lib/aws/sdk-errors'
import { type Connections, createConnections, type Delivery, sharedText } from '../../lib/gateway/connections'
import {
  accept,
  answering,
  certificate,
  type ConnectionsServer,
  type Scheme,
  startConnectionsServer,
} from '../publisher/support/connections-server'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'a+token/with=signs' }
/** Of senders whose posts are all answered: on a busy machine, a handshake alone can take a second. */
const patientMs = 10_000
/** Of senders that wait for an answer that never comes. */
const impatientMs = 500

type Sender = Pick<Connections, 'deliver' | 'close' | 'destroy'>

/** The SDK's client: the reference for how our own sender must treat answers. */
function sdkSender(timeoutMs: number): Sender {
  const clients: ApiGatewayManagementApiClient[] = []
  const httpsAgent = new Agent({ keepAlive: true, ca: certificate })
  const settle = async (
    endpoint: string,
    command: PostToConnectionCommand | DeleteConnectionCommand,
  ): Promise<Delivery> => {
    const client = new ApiGatewayManagementApiClient({
      endpoint,
      region: 'us-east-1',
      credentials,
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({
        requestTimeout: timeoutMs,
        throwOnRequestTimeout: true,
        httpsAgent,
      }),
    })
    clients.push(client)
    try {
      await (command instanceof PostToConnectionCommand ? client.send(command) : client.send(command))
      return { kind: 'delivered' }
    } catch (error) {
      const reason = String(error)
      const status = sdkStatusOf(error)
      if (status === 410) return { kind: 'gone' }
      if (status === 429) return { kind: 'throttled', reason }
      if (status === 413) return { kind: 'tooLarge', reason }
      if (status === 403) return { kind: 'forbidden', reason }
      return { kind: 'failed', retryable: status === undefined || status >= 500, reason }
    }
  }
  return {
    deliver: ({ callbackUrl, connectionId, head, rest }) =>
      settle(callbackUrl, new PostToConnectionCommand({ ConnectionId: connectionId, Data: head.text + rest })),
    close: ({ callbackUrl, connectionId }) =>
      settle(callbackUrl, new DeleteConnectionCommand({ ConnectionId: connectionId })),
    destroy: () => {
      for (const client of clients) client.destroy()
      httpsAgent.destroy()
    },
  }
}

function ownSender(timeoutMs = patientMs): Sender {
  return createConnections({
    region: 'us-east-1',
    credentials: () => credentials,
    maxConnections: 20,
    http2: true,
    connectTimeoutMs: patientMs,
    responseTimeoutMs: timeoutMs,
    ca: certificate,
  })
}

const senders: [name: string, create: (timeoutMs: number) => Sender][] = [
  ["the project's own sender", ownSender],
  ["the SDK's client", sdkSender],
]

describe.each(senders)('%s', (_name, create) => {
  describe.each(['http', 'https', 'h2'] as const)('over %s', (scheme) => {
    let server: ConnectionsServer
    let sender: Sender
    const post = (connectionId = 'L0SM9cOFvHcCIhw=', rest = '"1"}') =>
      sender.deliver({ callbackUrl: server.callbackUrl, connectionId, head: sharedText('{"id":'), rest })

    beforeEach(async () => {
      server = await startConnectionsServer(scheme)
      sender = create(patientMs)
    })
    afterEach(async () => {
      sender.destroy()
      await server.close()
    })

    test('delivers the frame to its connection', async () => {
      expect(await post()).toEqual({ kind: 'delivered' })
      const [received] = server.posts
      expect(received?.body).toBe('{"id":"1"}')
      expect(decodeURIComponent(received?.path ?? '')).toBe('/dev/@connections/L0SM9cOFvHcCIhw=')
      expect(received?.headers['x-amz-security-token']).toBe(credentials.sessionToken)
      expect(received?.headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/execute-api\/aws4_request, /,
      )
    })

    test.each(['a+b/c=', 'ü', "it's (all) *one*!", '%41'])(
      'encodes the connection id %s so that it arrives unchanged',
      async (id) => {
        await post(id)
        expect(server.posts[0]?.connectionId).toBe(id)
      },
    )

    test.each(['', '"žluťoučký kůň 🐎"}', '"'.repeat(100_000)])('sends any text unchanged (%#)', async (rest) => {
      expect(await post('c', rest)).toEqual({ kind: 'delivered' })
      expect(server.posts[0]?.body).toBe(`{"id":${rest}`)
    })

    test.each([
      [410, { kind: 'gone' }],
      [429, { kind: 'throttled' }],
      [413, { kind: 'tooLarge' }],
      [403, { kind: 'forbidden' }],
      [400, { kind: 'failed', retryable: false }],
      [500, { kind: 'failed', retryable: true }],
      [503, { kind: 'failed', retryable: true }],
    ])('maps the status %d to the outcome of a delivery', async (status, delivery) => {
      server.behaviour = answering(status)
      expect(await post()).toMatchObject(delivery)
    })

    test.each([
      [204, { kind: 'delivered' }],
      [410, { kind: 'gone' }],
      [429, { kind: 'throttled' }],
      [403, { kind: 'forbidden' }],
      [500, { kind: 'failed', retryable: true }],
    ])('closes a connection, and maps the status %d to the outcome', async (status, delivery) => {
      server.behaviour = (_post, response) => response.writeHead(status).end()
      expect(await sender.close({ callbackUrl: server.callbackUrl, connectionId: 'a+b/c=' })).toMatchObject(delivery)
      expect(server.posts).toMatchObject([{ method: 'DELETE', connectionId: 'a+b/c=', body: '' }])
    })

    test('handles an answer without a body', async () => {
      server.behaviour = (_post, response) => response.writeHead(410, { 'content-length': 0 }).end()
      expect(await post()).toEqual({ kind: 'gone' })
    })

    test('handles a chunked answer, and the post after it', async () => {
      server.behaviour = (_post, response) => {
        response.writeHead(200)
        response.write('{"a":')
        response.write('1}')
        response.end()
      }
      expect(await post()).toEqual({ kind: 'delivered' })
      expect(await post()).toEqual({ kind: 'delivered' })
      expect(server.posts).toHaveLength(2)
    })

    test('reports a missing answer as a retryable failure', async () => {
      server.behaviour = () => undefined
      sender.destroy()
      sender = create(impatientMs)
      expect(await post()).toMatchObject({ kind: 'failed', retryable: true })
    })

    test('reports a reset before the answer as a retryable failure', async () => {
      server.behaviour = ({ socket }) => {
        socket.resetAndDestroy()
      }
      expect(await post()).toMatchObject({ kind: 'failed', retryable: true })
    })

    test('reports an unreachable server as a retryable failure', async () => {
      const callbackUrl = await unusedUrl(scheme)
      const delivery = await sender.deliver({ callbackUrl, connectionId: 'c', head: sharedText(''), rest: 'x' })
      expect(delivery).toMatchObject({ kind: 'failed', retryable: true })
    })

    test('delivers after the server closed the connection between two requests', async () => {
      await post()
      const closed = once(server.posts[0]?.socket ?? fail(), 'close')
      server.posts[0]?.socket.end()
      await closed
      expect(await post()).toEqual({ kind: 'delivered' })
      expect(server.posts).toHaveLength(2)
    })

    test('delivers after an answer with which the server asks to close the connection', async () => {
      server.behaviour = (_post, response) =>
        response.writeHead(200, { ...(scheme !== 'h2' && { connection: 'close' }), 'content-length': 0 }).end()
      expect(await post()).toEqual({ kind: 'delivered' })
      expect(await post()).toEqual({ kind: 'delivered' })
    })
  })
})

describe.each(['https', 'h2'] as const)("the project's own sender, over %s", (scheme) => {
  let server: ConnectionsServer
  const sender = ownSender()
  const post = (connectionId: string, by = sender) =>
    by.deliver({ callbackUrl: server.callbackUrl, connectionId, head: sharedText(''), rest: 'x' })

  beforeEach(async () => {
    server = await startConnectionsServer(scheme)
  })
  afterEach(async () => {
    sender.destroy()
    await server.close()
  })

  test('repeats a post once over a new connection if a used one breaks', async () => {
    await post('first')
    let broken = 0
    server.behaviour = ({ socket }, response) => {
      if (broken++ === 0) socket.resetAndDestroy()
      else accept(server.posts[0] ?? fail(), response)
    }
    expect(await post('second')).toEqual({ kind: 'delivered' })
    expect(server.posts.map(({ connectionId }) => connectionId)).toEqual(['first', 'second', 'second'])

    server.behaviour = ({ socket }) => {
      socket.resetAndDestroy()
    }
    expect(await post('third')).toMatchObject({ kind: 'failed', retryable: true })
    expect(server.posts).toHaveLength(5)
  })

  test('reports an incomplete answer as a retryable failure, and does not repeat the post', async () => {
    await post('first')
    server.behaviour = ({ socket }, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half')
      setImmediate(() => socket.destroy())
    }
    expect(await post('c')).toMatchObject({ kind: 'failed', retryable: true })
    expect(server.posts).toHaveLength(2)
  })

  test('reuses one connection for sequential posts, and opens at most 20 for concurrent ones', async () => {
    for (const id of ['a', 'b', 'c']) await post(id)
    expect(server.connections()).toBe(1)
    await Promise.all(Array.from({ length: 200 }, (_, n) => post(String(n))))
    expect(server.connections()).toBeLessThanOrEqual(20)
    expect(server.posts).toHaveLength(203)
  })

  test('delivers a post that waits behind 20 hanging posts', async () => {
    server.behaviour = ({ connectionId }, response) => {
      if (connectionId === 'good') accept(server.posts[0] ?? fail(), response)
    }
    const impatient = ownSender(impatientMs)
    const bad = Array.from({ length: 20 }, (_, n) => post(String(n), impatient))
    const good = post('good', impatient)
    expect(await good).toEqual({ kind: 'delivered' })
    for (const delivery of await Promise.all(bad)) expect(delivery).toMatchObject({ kind: 'failed', retryable: true })
    impatient.destroy()
  })
})

async function unusedUrl(scheme: Scheme): Promise<string> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return `${scheme === 'http' ? 'http' : 'https'}://localhost:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
}

function fail(): never {
  throw new Error('There is no first post.')
}
