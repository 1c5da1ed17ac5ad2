import { EventEmitter, on } from 'node:events'
import { createClient } from 'graphql-ws'
import { createConnection } from 'serverless-graphql-subscriptions/client'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'

/** How long a test waits for one result: it comes within a second, later only on a busy machine. */
const patienceMs = 40_000

export interface Client {
  /** Subscribes, and hands out the field's values, one with each call. Rejects with the first error of a result. */
  readonly subscribe: <Value>(field: string) => () => Promise<Value>
  readonly close: () => void
}

export interface ClientOptions {
  readonly url: string
  readonly token?: string | undefined
}

interface Result {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string }[] | undefined
}

interface Sink {
  readonly next: (result: object) => void
  readonly error: (error: unknown) => void
  readonly complete: () => void
}

interface Library {
  readonly run: (query: string, sink: Sink) => unknown
  readonly close: () => void
}

/** The client libraries, each over a connection that reconnects by itself and misses no event. */
const libraries = {
  'graphql-ws': (url: string, webSocketImpl: unknown): Library => {
    const client = createClient({ url, webSocketImpl })
    return {
      run: (query, sink) => client.subscribe({ query }, sink),
      close: () => void client.dispose(),
    }
  },
  'subscriptions-transport-ws': (url: string, webSocketImpl: unknown): Library => {
    const client = new SubscriptionClient(url, {}, webSocketImpl, [])
    return {
      run: (query, sink) => client.request({ query }).subscribe(sink),
      close: () => {
        client.close()
      },
    }
  },
}

export const libraryNames = Object.keys(libraries) as (keyof typeof libraries)[]

export function makeClient(library: keyof typeof libraries, { url, token }: ClientOptions): Client {
  const connection = createConnection({
    webSocketImpl: WebSocket,
    ...(token !== undefined && { connectionParams: { token } }),
    longestPauseSeconds: 0.1,
  })
  const { run, close } = libraries[library](url, connection.WebSocket)
  return {
    subscribe: (field) => {
      const { add, next } = queue()
      run(`subscription { is: ${field} }`, {
        next: add,
        error: (error) => {
          add({ errors: Array.isArray(error) ? error : [error] })
        },
        complete: () => undefined,
      })
      return next
    },
    close,
  }
}

function queue() {
  const emitter = new EventEmitter()
  const results = on(emitter, 'result')
  return {
    add: (result: object) => void emitter.emit('result', result),
    next: async <Value>(): Promise<Value> => {
      const { data, errors } = await withPatience(results.next().then(({ value }) => (value as [Result])[0]))
      if (errors) throw new Error(errors.map(({ message }) => message).join(' '))
      return (data as { readonly is: Value }).is
    },
  }
}

async function withPatience<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const impatience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`No result within ${patienceMs / 1000} s.`))
    }, patienceMs)
  })
  return Promise.race([promise, impatience]).finally(() => {
    clearTimeout(timer)
  })
}
