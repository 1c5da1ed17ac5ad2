import { EventEmitter, on } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'

/** How long a test waits for all that it subscribed to: each comes within a second, later only on a busy machine. */
const patienceMs = 60_000

export interface Client {
  /** Subscribes, and hands out the field's values, one with each call. Rejects with the first error of a result. */
  readonly subscribe: <Value>(field: string) => () => Promise<Value>
  readonly close: () => void
}

export interface ClientOptions {
  readonly url: string
  /** What `connection_init` brings: the token, and the clientId by which a client gets what it missed. */
  readonly params: Readonly<Record<string, string>>
}

interface Result {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string }[] | undefined
}

/** Each library of clients, with what its own documentation recommends for a service that ends connections. */
export const libraries: Readonly<Record<string, (options: ClientOptions) => Client>> = {
  'graphql-ws': ({ url, params: connectionParams }) => {
    const retry = { retryAttempts: Infinity, shouldRetry: () => true, retryWait: () => sleep(100) }
    const client = createClient({ url, webSocketImpl: WebSocket, connectionParams, ...retry })
    return {
      subscribe: (field) => {
        const results = queue()
        const complete = () => undefined
        const error = (errors: unknown) => results.add({ errors: Array.isArray(errors) ? errors : [errors] })
        client.subscribe({ query: `subscription { is: ${field} }` }, { next: results.add, error, complete })
        return results.next
      },
      close: () => void client.dispose(),
    }
  },
  'subscriptions-transport-ws': ({ url, params: connectionParams }) => {
    const options = { reconnect: true, minTimeout: 10_000, connectionParams }
    const client = new SubscriptionClient(url, options, WebSocket, [])
    return {
      subscribe: (field) => {
        const results = queue()
        const error = (failed: Error) => results.add({ errors: [failed] })
        client.request({ query: `subscription { is: ${field} }` }).subscribe({ next: results.add, error })
        return results.next
      },
      close: () => client.close(),
    }
  },
}

function queue() {
  const emitter = new EventEmitter()
  const results = on(emitter, 'result', { signal: AbortSignal.timeout(patienceMs) })
  return {
    add: (result: object) => void emitter.emit('result', result),
    next: async <Value>(): Promise<Value> => {
      const [{ data, errors }] = (await results.next()).value as [Result]
      if (errors) throw new Error(errors.map(({ message }) => message).join(' '))
      return (data as { readonly is: Value }).is
    },
  }
}
