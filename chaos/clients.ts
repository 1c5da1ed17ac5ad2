import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import type { Topic } from '../lib/channels/topic'
import { type Listening, listeningsOf, mutationOf, type Room } from './rooms'

/** A client that drops its socket now and then, and reconnects. */
export interface ChaosClient {
  readonly name: string
  readonly library: 'subscriptions-transport-ws' | 'graphql-ws'
  readonly room: Room
  /** The numbers that it has received from each log, including repetitions. */
  readonly heard: ReadonlyMap<Topic, readonly number[]>
  /** Reasons for which the service ended its connection, although it follows the protocol. */
  readonly accused: readonly string[]
  readonly drop: () => void
  readonly leave: () => void
}

export interface SpeakingClient extends ChaosClient {
  /**
   * Says something to its room over its own socket. Resolves once it is accepted. If the connection breaks before that,
   * the library sends it again.
   */
  readonly say: (text: string) => Promise<void>
}

export interface ClientOptions {
  readonly name: string
  readonly url: string
  readonly room: Room
  /** Creates a token of the room's user, each time the client connects. */
  readonly token?: (() => Promise<string>) | undefined
  /**
   * The `sequence` of the last event it has: with 0, every event of the room is due. If undefined, it receives events
   * from the time of its subscriptions on. When it reconnects, only its `clientId` identifies its position.
   */
  readonly after?: number | undefined
}

/** Pause before the client resubscribes after an error, as a page would. */
const resubscribeMs = 300

const retryMs = 100

interface Event {
  readonly data?: { readonly event: { readonly sequence: number } } | null | undefined
}

/**
 * The real client of `subscriptions-transport-ws`, with an empty protocol array. If its connection breaks twice before
 * it is acknowledged, it forgets its subscriptions: the application must notice, and subscribe again. A subscription
 * that is begun during a pause opens a socket, and the end of the pause one more: the first is never closed.
 */
export function legacyClient(options: ClientOptions): ChaosClient {
  const { url, after } = options
  const { Socket, drop, closeAll, hasAsked, accused } = droppable()
  const ears = earsOf(options)
  const connectionParams = paramsOf(options)
  const client = new SubscriptionClient(url, { reconnect: true, minTimeout: 10_000, connectionParams }, Socket, [])
  const subscriptions = new Map<Ear, { unsubscribe: () => void }>()
  let left = false
  const subscribe = (ear: Ear, from: number | undefined) => {
    if (left) return
    const subscription = client.request({ query: ear.query(from) }).subscribe({
      next: (event) => {
        ear.note(event as Event)
      },
      error: () =>
        setTimeout(() => {
          subscribe(ear, ear.hasAllUpTo())
        }, resubscribeMs),
    })
    subscriptions.set(ear, subscription)
  }
  client.onReconnected(() => {
    if (hasAsked()) return
    for (const ear of ears) {
      subscriptions.get(ear)?.unsubscribe()
      subscribe(ear, ear.hasAllUpTo())
    }
  })
  for (const ear of ears) subscribe(ear, after)
  return {
    ...options,
    library: 'subscriptions-transport-ws',
    heard: heardBy(ears),
    accused,
    drop,
    leave: () => {
      left = true
      client.close()
      stopRetrying(client)
      closeAll()
    },
  }
}

/** `close` cancels the next attempt only if there is a socket. */
function stopRetrying(client: SubscriptionClient): void {
  const timers = client as unknown as Record<'clearTryReconnectTimeout', () => void>
  timers.clearTryReconnectTimeout()
}

/**
 * The real client of `graphql-ws`. If a refused socket closes after the next connection was begun, it counts that one
 * as closed, and never closes it.
 */
export function currentClient(options: ClientOptions): SpeakingClient {
  const { url, room, after } = options
  const { Socket, drop, closeAll, accused } = droppable()
  const ears = earsOf(options)
  const client = createClient({
    url,
    webSocketImpl: Socket,
    connectionParams: paramsOf(options),
    retryAttempts: Infinity,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, retryMs)),
    shouldRetry: () => true,
  })
  let left = false
  const subscribe = (ear: Ear, from: number | undefined) => {
    if (left) return
    const anew = () => {
      setTimeout(() => {
        subscribe(ear, ear.hasAllUpTo())
      }, resubscribeMs)
    }
    client.subscribe<NonNullable<Event['data']>>(
      { query: ear.query(from) },
      { next: ear.note, error: anew, complete: anew },
    )
  }
  for (const ear of ears) subscribe(ear, after)
  return {
    ...options,
    library: 'graphql-ws',
    heard: heardBy(ears),
    accused,
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
          client.subscribe({ query: mutationOf(room, text) }, sink)
        }
        send()
      }),
    drop,
    leave: () => {
      left = true
      // rejects if it was connecting
      void Promise.resolve(client.dispose())
        .catch(() => undefined)
        .then(closeAll)
    },
  }
}

function paramsOf({ name, token }: ClientOptions) {
  return async () => ({ clientId: name, ...(token && { authToken: await token() }) })
}

interface Ear extends Listening {
  readonly heard: readonly number[]
  readonly note: (event: Event) => void
  /**
   * The number up to which it has received every event: its position if it has to subscribe anew, which does not resume
   * by itself.
   */
  readonly hasAllUpTo: () => number
}

function earsOf({ room: { board, user }, token }: ClientOptions): readonly Ear[] {
  return listeningsOf({ board, user: token && user }).map((listening) => {
    const heard: number[] = []
    return {
      ...listening,
      heard,
      note: ({ data }) => {
        if (data) heard.push(data.event.sequence)
      },
      hasAllUpTo: () => {
        const numbers = new Set(heard)
        let upTo = 0
        while (numbers.has(upTo + 1)) upTo++
        return upTo
      },
    }
  })
}

function heardBy(ears: readonly Ear[]): ChaosClient['heard'] {
  return new Map(ears.map(({ topic, heard }) => [topic, heard]))
}

/**
 * A client that follows its protocol never causes these: a second `connection_init`, or a second subscription under an
 * id.
 */
const accusation = /"type":"(4409|4429): /

/**
 * A socket that can be dropped. It drops itself when API Gateway reports a failed integration, because no client can
 * parse that frame.
 */
function droppable() {
  const sockets: Socket[] = []
  const accused: string[] = []
  class Socket extends WebSocket {
    asked = false

    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols)
      sockets.push(this)
      this.on('error', () => undefined)
    }

    override send(data: string): void {
      if (data.includes('"start"')) this.asked = true
      super.send(data)
    }

    override emit(event: string, ...args: unknown[]): boolean {
      const frame = event === 'message' ? String(args[0]) : ''
      if (accusation.test(frame)) accused.push(frame)
      if (!frame.includes('"Internal server error"')) return super.emit(event, ...args)
      this.terminate()
      return true
    }
  }
  return {
    Socket,
    drop: () => sockets.at(-1)?.terminate(),
    /** Closes every socket, as a browser does with its page. The libraries forget some that are open. */
    closeAll: () => {
      for (const socket of sockets) socket.close()
    },
    hasAsked: () => sockets.at(-1)?.asked === true,
    accused,
  }
}
