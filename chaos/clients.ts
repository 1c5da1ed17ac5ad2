import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'

/** A client that drops its socket now and then, and comes back. */
export interface ChaosClient {
  readonly name: string
  readonly library: 'subscriptions-transport-ws' | 'graphql-ws'
  readonly chatId: string
  /** The numbers that it has heard, each as often as it came. */
  readonly heard: readonly number[]
  readonly drop: () => void
  readonly leave: () => void
}

export interface SpeakingClient extends ChaosClient {
  /**
   * Posts a message to the chat over its own socket. Resolves when it is accepted; if the connection breaks before that, the library
   * posts it again.
   */
  readonly say: (text: string) => Promise<void>
}

export interface ClientOptions {
  readonly name: string
  readonly url: string
  readonly chatId: string
  /**
   * The number up to which it has all: with 0, everything that was ever said in the chat is due to it. If left out, it is what is said
   * once its subscription is in place; when it comes back, only its `clientId` says where it was cut.
   */
  readonly after?: number | undefined
}

function subscriptionTo(chatId: string, after?: number): string {
  const from = after === undefined ? '' : `, after: ${after}`
  return `subscription { messages(chatId: ${JSON.stringify(chatId)}${from}) { sequence } }`
}

/** The number up to which a client has all: what it says when it has to begin a subscription anew, which takes up nothing by itself. */
function hasAllUpTo(heard: readonly number[]): number {
  const numbers = new Set(heard)
  let upTo = 0
  while (numbers.has(upTo + 1)) upTo++
  return upTo
}

const mutation = (chatId: string, text: string) =>
  `mutation { sendMessage(chatId: ${JSON.stringify(chatId)}, text: ${JSON.stringify(text)}) { id } }`

/** How long a client waits before it subscribes again to what has ended with an error, as a page would. */
const resubscribeMs = 300

const retryMs = 100

interface Event {
  readonly data?: { readonly messages: { readonly sequence: number } } | null | undefined
}

/**
 * The real client of `subscriptions-transport-ws`, with an empty protocol array. If its connection breaks twice before it is
 * acknowledged, it forgets what it was subscribed to; then the application has to notice, and to subscribe again.
 */
export function legacyClient({ name, url, chatId, after }: ClientOptions): ChaosClient {
  const heard: number[] = []
  const { Socket, drop, hasAsked } = droppable()
  const connectionParams = { clientId: name }
  const client = new SubscriptionClient(url, { reconnect: true, minTimeout: 10_000, connectionParams }, Socket, [])
  let left = false
  let subscription: { unsubscribe: () => void } | undefined
  const subscribe = (from: number | undefined) => {
    if (left) return
    subscription = client.request({ query: subscriptionTo(chatId, from) }).subscribe({
      next: (event) => {
        note(heard, event as Event)
      },
      error: () => setTimeout(anew, resubscribeMs),
    })
  }
  const anew = () => {
    subscribe(hasAllUpTo(heard))
  }
  client.onReconnected(() => {
    if (hasAsked()) return
    subscription?.unsubscribe()
    anew()
  })
  subscribe(after)
  return {
    name,
    library: 'subscriptions-transport-ws',
    chatId,
    heard,
    drop,
    leave: () => {
      left = true
      client.close()
    },
  }
}

/** The real client of `graphql-ws`. */
export function currentClient({ name, url, chatId, after }: ClientOptions): SpeakingClient {
  const heard: number[] = []
  const { Socket, drop } = droppable()
  const client = createClient({
    url,
    webSocketImpl: Socket,
    connectionParams: { clientId: name },
    retryAttempts: Infinity,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, retryMs)),
    shouldRetry: () => true,
  })
  let left = false
  const subscribe = (from: number | undefined) => {
    if (left) return
    const anew = () => {
      setTimeout(() => {
        subscribe(hasAllUpTo(heard))
      }, resubscribeMs)
    }
    client.subscribe<NonNullable<Event['data']>>(
      { query: subscriptionTo(chatId, from) },
      {
        next: (event) => {
          note(heard, event)
        },
        error: anew,
        complete: anew,
      },
    )
  }
  subscribe(after)
  return {
    name,
    library: 'graphql-ws',
    chatId,
    heard,
    say: (text) =>
      new Promise((resolve) => {
        const send = () => {
          if (left) return
          const sink = {
            next: ({ data }: { readonly data?: unknown }) => {
              if (data) resolve()
            },
            error: () => setTimeout(send, resubscribeMs),
            complete: () => undefined,
          }
          client.subscribe({ query: mutation(chatId, text) }, sink)
        }
        send()
      }),
    drop,
    leave: () => {
      left = true
      void client.dispose()
    },
  }
}

function note(heard: number[], { data }: Event): void {
  if (data) heard.push(data.messages.sequence)
}

/** A socket that can be dropped, and is when API Gateway says that a Lambda failed: no client can read that. */
function droppable() {
  let current: Socket | undefined
  const track = (socket: Socket) => {
    current = socket
  }
  class Socket extends WebSocket {
    asked = false

    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols)
      track(this)
      this.on('error', () => undefined)
    }

    override send(data: string): void {
      if (data.includes('"start"')) this.asked = true
      super.send(data)
    }

    override emit(event: string, ...args: unknown[]): boolean {
      if (event !== 'message' || !String(args[0]).includes('"Internal server error"')) return super.emit(event, ...args)
      this.terminate()
      return true
    }
  }
  return { Socket, drop: () => current?.terminate(), hasAsked: () => current?.asked === true }
}
