import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { BatchWriteItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import * as v from 'valibot'
import { WebSocket, WebSocketServer } from 'ws'
import { api } from '../../fixture/api'
import type { Behaviour, Post } from '../../publisher/support/connections-server'
import { type ServedApi, serveApi } from '../../support/served-api'
import { until } from '../../support/until'

/**
 * The state of the line between API Gateway and one client. `dead`: nothing arrives in either direction, but posts are
 * accepted. `full`: the client does not read, and posts are answered with 429. `failing`: posts and closes are answered
 * with 500.
 */
export type Line = 'good' | 'dead' | 'full' | 'failing'

export interface Connection {
  readonly connectionId: string
  line: Line
  /** The bodies of all frames posted to it, whatever the answer. */
  readonly posts: readonly string[]
  /** Whether API Gateway considers it open. */
  readonly isOpen: () => boolean
  /** Closes it, and invokes `$disconnect` with this code. Resolves when `$disconnect` is done. Idempotent. */
  readonly end: (statusCode: number) => Promise<void>
}

/**
 * The fixture API behind a stand-in for API Gateway's WebSocket API. Real clients connect over lines that a test can
 * spoil.
 */
export interface SpoiledLines {
  readonly served: ServedApi
  readonly webSocketUrl: string
  /** All connections so far, oldest first. */
  readonly opened: readonly Connection[]
  /**
   * Is asked for the status of each request to @connections. If it returns undefined, the state of the line decides.
   */
  refuse: (post: Post) => number | undefined
  /**
   * Whether handshakes are answered. While it is false, they wait. They do not fail, because
   * `subscriptions-transport-ws` forgets its operations if a handshake fails after a lost connection.
   */
  isOpen: boolean
  /** Each connection opened from now on delivers this many posts. Then its line is dead. */
  diesAfterPosts: number
  /** Connects a real client that subscribes to a board. Resolves when its subscription is stored. */
  readonly join: (library: Library, listening: Joining) => Promise<Listener>
  /** Copies a connection's subscription in the table until there are `count`. To send them would take minutes. */
  readonly multiply: (connection: Connection, count: number) => Promise<void>
  /** Publishes to a board. Resolves when the publisher is done. Rejects if the event is refused. */
  readonly publish: (board: string, text: string) => Promise<void>
  readonly close: () => Promise<void>
}

export type Library = 'graphql-ws' | 'subscriptions-transport-ws'

export const libraries = ['graphql-ws', 'subscriptions-transport-ws'] as const

export interface Joining {
  readonly clientId: string
  readonly board: string
  /** Is called at each connection. */
  readonly authToken?: () => Promise<string>
}

/** A client that only subscribes. Its library does everything else, such as reconnecting. */
export interface Listener {
  /** The texts of all events received, repetitions included. */
  readonly heard: readonly string[]
  /** Errors and completions that the library reported to the application. */
  readonly ended: readonly unknown[]
  /** Its connections, oldest first. */
  readonly connections: readonly Connection[]
  /** Resolves when it has received all of these texts. Rejects after `patienceMs`. */
  readonly untilHeard: (...texts: readonly string[]) => Promise<void>
}

const Init = v.object({ type: v.literal('connection_init'), payload: v.object({ clientId: v.string() }) })

/** Starts the stand-in. The caller closes it. */
export async function startSpoiledLines(): Promise<SpoiledLines> {
  const served = await serveApi(api)
  const connections = new Map<string, OpenConnection>()
  const byClient = new Map<string, Connection[]>()
  const leaving: (() => void)[] = []
  const dynamoDb = new DynamoDBClient({
    endpoint: served.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const underWay = new Set<Promise<unknown>>()
  const track = async (invocation: Promise<unknown>): Promise<void> => {
    underWay.add(invocation)
    await invocation.finally(() => underWay.delete(invocation))
  }
  const opened: Connection[] = []

  let accepted = 0

  const open = (connectionId: string, socket: WebSocket): void => {
    const posts: string[] = []
    let isOpen = true
    const end = async (statusCode: number) => {
      if (!isOpen) return
      isOpen = false
      socket.terminate()
      await track(served.disconnect(connectionId, statusCode))
    }
    const diesAfter = started.diesAfterPosts
    const connection: OpenConnection = {
      ...{ connectionId, line: 'good', posts, socket, end, isOpen: () => isOpen },
      post(body) {
        posts.push(body)
        if (posts.length > diesAfter) connection.line = 'dead'
        if (connection.line === 'good') socket.send(body)
      },
    }
    connections.set(connectionId, connection)
    opened.push(connection)
    socket.on('error', () => undefined)
    socket.on('close', (code) => {
      if (connection.line !== 'dead') void end(code) // over a dead line, the close does not arrive
    })
    socket.on('message', (data: Buffer) => {
      if (connection.line === 'dead') return
      const message: unknown = JSON.parse(data.toString())
      if (v.is(Init, message)) byClient.get(message.payload.clientId)?.push(connection)
      const answered = served.say(connectionId, message).then((frame) => {
        if (frame && connection.line === 'good' && isOpen) socket.send(JSON.stringify(frame))
      })
      void track(answered)
    })
  }

  const behaviour: Behaviour = (post, response) => {
    const connection = connections.get(post.connectionId)
    const isThere = connection?.isOpen() === true
    const status = isThere ? (started.refuse(post) ?? answer(connection, post)) : 410
    response.writeHead(status, { 'content-length': 0 }).end()
  }
  const answer = (connection: OpenConnection, { method, body }: Post): number => {
    if (method === 'DELETE') {
      if (connection.line === 'failing') return 500
      void connection.end(1000)
      return 204
    }
    connection.post(body)
    return connection.line === 'full' ? 429 : connection.line === 'failing' ? 500 : 200
  }
  served.gateway.behaviour = behaviour

  const webSockets = new WebSocketServer({ noServer: true })
  const server = createServer()
  server.on('upgrade', (request, stream, head) => {
    const connectionId = `connection ${++accepted}`
    until(
      () => Promise.resolve(started.isOpen),
      (isOpen) => isOpen,
    )
      .then(() => served.connect(connectionId, request.headers['sec-websocket-protocol']))
      .then(() => {
        webSockets.handleUpgrade(request, stream, head, (socket) => {
          open(connectionId, socket)
        })
      })
      .catch(() => stream.destroy())
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const url = `ws://localhost:${(server.address() as AddressInfo).port}`

  /** The items of a connection. */
  const itemsOf = async ({ connectionId }: Connection) => {
    const query = new QueryCommand({
      TableName: served.tables.clients,
      KeyConditionExpression: 'connectionId = :connectionId',
      ExpressionAttributeValues: { ':connectionId': { S: connectionId } },
    })
    return (await dynamoDb.send(query)).Items ?? []
  }

  const started: SpoiledLines = {
    served,
    webSocketUrl: url,
    opened,
    refuse: () => undefined,
    isOpen: true,
    diesAfterPosts: Infinity,
    async join(library, joining) {
      const { clientId, board } = joining
      const own: Connection[] = []
      byClient.set(clientId, own)
      const heard: string[] = []
      const ended: unknown[] = []
      const client = clients[library](url, joining)
      leaving.push(client.leave)
      client.subscribe(
        `subscription { notes(board: ${JSON.stringify(board)}) { text } }`,
        (text) => heard.push(text),
        (reason) => ended.push(reason),
      )
      await until(
        async () => (own[0] ? await itemsOf(own[0]) : []),
        // A legacy `start` may be stored before the `connection_init` that names its session.
        (items) => items.some(({ session }) => session) && items.some(({ log, topic }) => log && topic),
      )
      const untilHeard = async (...texts: readonly string[]) => {
        await until(
          () => Promise.resolve(heard),
          () => texts.every((text) => heard.includes(text)),
        )
      }
      return { heard, ended, connections: own, untilHeard }
    },
    async multiply(connection, count) {
      const item = (await itemsOf(connection)).find(({ log }) => log)
      const copies = Array.from({ length: count - 1 }, (_, n) => ({ ...item, id: { S: `subscription#copy ${n}` } }))
      for (let from = 0; from < copies.length; from += 25) {
        const puts = copies.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }))
        await dynamoDb.send(new BatchWriteItemCommand({ RequestItems: { [served.tables.clients]: puts } }))
      }
    },
    async publish(board, text) {
      const answered = await served.publish({ channel: 'board', keys: board, data: { text } })
      if (answered.refused.length > 0) throw new Error(JSON.stringify(answered))
    },
    async close() {
      for (const leave of leaving) leave()
      for (const { end } of connections.values()) await end(1000)
      while (underWay.size > 0) await Promise.all(underWay)
      server.close()
      dynamoDb.destroy()
      await served.close()
    },
  }
  return started
}

interface OpenConnection extends Connection {
  readonly socket: WebSocket
  readonly post: (body: string) => void
}

interface RealClient {
  readonly subscribe: (query: string, onText: (text: string) => void, onEnd: (reason: unknown) => void) => void
  readonly leave: () => void
}

const Event = v.object({ notes: v.object({ text: v.string() }) })

/** Creates clients as their documentation says for a service that may be unavailable. */
const clients: Readonly<Record<Library, (url: string, joining: Joining) => RealClient>> = {
  'graphql-ws': (url, joining) => {
    const retry = { retryAttempts: Infinity, retryWait: () => sleep(200), shouldRetry: () => true }
    const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: paramsOf(joining), ...retry })
    return {
      subscribe: (query, onText, onEnd) => {
        const complete = () => {
          onEnd('complete')
        }
        const next = ({ data }: { readonly data?: unknown }) => {
          onText(v.parse(Event, data).notes.text)
        }
        client.subscribe({ query }, { next, error: onEnd, complete })
      },
      leave: () => {
        Promise.resolve(client.dispose()).catch(() => undefined) // rejects if it was connecting
      },
    }
  },
  'subscriptions-transport-ws': (url, joining) => {
    // It abandons a handshake after `minTimeout`. A test that holds one back publishes 30 events meanwhile.
    const options = { reconnect: true, minTimeout: 30_000, connectionParams: paramsOf(joining) }
    const client = new SubscriptionClient(url, options, WebSocket)
    return {
      subscribe: (query, onText, onEnd) => {
        client.request({ query }).subscribe({
          next: ({ data }) => {
            onText(v.parse(Event, data).notes.text)
          },
          error: onEnd,
          complete: () => {
            onEnd('complete')
          },
        })
      },
      leave: () => {
        client.close()
      },
    }
  },
}

function paramsOf({ clientId, authToken }: Joining) {
  return async () => ({ clientId, ...(authToken && { authToken: await authToken() }) })
}
