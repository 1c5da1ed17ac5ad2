import { type Cursors, isNew, newOperation, type Operation, type OperationMessage, resuming } from './operation'
import type { ConnectionState } from './state'
import { closed, type CloseEventLike, closing, connecting, open } from './web-socket'
import type { WebSocketConstructor, WebSocketLike } from './web-socket'

export type ConnectionParams = Readonly<Record<string, unknown>>

export interface ConnectionOptions {
  /**
   * What is sent with `connection_init`, beside what the library's own `connectionParams` say, which are asked for once only. A function is
   * asked before each connection, so a token is fresh: `async () => ({ authToken: await token() })`. If it throws, it is asked again after
   * a pause.
   */
  readonly connectionParams?: ConnectionParams | (() => ConnectionParams | Promise<ConnectionParams>)
  /** The WebSocket to use. Default: the global one, which browsers have and Node since 22; for Node 20, that of the package `ws`. */
  readonly webSocketImpl?: unknown
  /**
   * Some of what a subscription missed can no longer be sent: the service no longer keeps it, or the user is another one. Told once for each
   * time that this happens; what is still kept follows. An application reads its state anew. Default: nothing.
   */
  readonly onIncomplete?: (subscription: IncompleteSubscription) => void
  /**
   * What becomes of subscriptions when the service refuses the connection: each ends with an error of the code `REFUSED`, or all wait, and go on
   * exactly where they were after `reconnect`, for an application that shows the state. Default: `fail`.
   */
  readonly whenRefused?: 'fail' | 'wait'
  /**
   * After so much silence the line is tested with a ping, which is two billed messages. Default: 240 s, so that a dead line is noticed within
   * 250 s, and 1,000 clients to whom nothing is sent cost $0.03 an hour. At most 540 s: API Gateway ends what is silent for 600 s.
   */
  readonly silenceSeconds?: number
  /** A ping that is not answered within this time means that the line is dead. Default: 10 s. */
  readonly answerSeconds?: number
  /** The longest pause between two attempts to connect. It begins with 1 s, doubles, and is random each time (full jitter). Default: 30 s. */
  readonly longestPauseSeconds?: number
  /**
   * The age at which a connection is replaced, at a moment when nothing is sent, up to five minutes later. API Gateway ends every
   * connection after 7,200 s, in the middle of whatever it is. Default: 6,600 s, of which up to a tenth is left out at random.
   */
  readonly lifetimeSeconds?: number
}

export interface IncompleteSubscription {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: unknown
}

/** A connection that comes back by itself, for one client of one library. */
export interface Connection {
  /**
   * Pass it to the library: `webSocketImpl` of graphql-ws' `createClient`, the third argument of `SubscriptionClient`. To the library it looks
   * open all the time, so the library's own options for reconnecting have nothing to do.
   */
  readonly WebSocket: WebSocketConstructor
  /** What the service knows this client by when it comes back. It is sent with each `connection_init`. */
  readonly clientId: string
  readonly state: () => ConnectionState
  /** Calls `listener` after each change of the state. @returns what ends that */
  readonly onState: (listener: () => void) => () => void
  /** Connects anew, now: with fresh parameters, whether it is live, waiting or refused. Nothing is missed. */
  readonly reconnect: () => void
}

/** From the first attempt to `connection_ack`. A service that is in trouble keeps a client waiting for up to 40 s. */
const longestConnectMs = 60_000
/** API Gateway gives an integration 29 s: what has not been answered by then never will be. */
const longestAnswerMs = 35_000
/** A connection that has lived for so long was a good one: the next pause is a short one again. */
const stableMs = 10_000
const firstPauseMs = 1_000
/** A line that has been heard from a moment ago is not tested. */
const freshMs = 5_000
const quietMs = 2_000
const longestPostponementMs = 300_000
/** Failures in a row of one subscription that may pass, until the application hears of it. */
const maxFailures = 5
const transientCodes = ['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'RATE_LIMITED']

/** Browsers tell by these that the network or the page is back. */
const wakes = ['online', 'offline', 'visibilitychange', 'pageshow'] as const

interface Frame {
  readonly type?: unknown
  readonly id?: string
  readonly message?: unknown
  readonly payload?: Payload | readonly Payload[]
}

/** Of a result, or an error. */
interface Payload {
  readonly message?: string
  readonly extensions?: { readonly cursor?: string; readonly resume?: string; readonly code?: string }
}

/**
 * Makes a connection that comes back by itself, exactly where it was, to a WebSocket API of this service. Each subscription gets every event
 * once: what was missed comes first, in its order, and what comes again is dropped. A query that got no answer is sent again. A mutation
 * is not: it fails with the code `CONNECTION_LOST`, and may or may not have been done; after 35 s without an answer, with `NO_ANSWER`.
 *
 * One connection serves one client of a library, and so does the `clientId` that it makes.
 */
export function createConnection({
  connectionParams,
  webSocketImpl,
  onIncomplete,
  whenRefused = 'fail',
  silenceSeconds = 240,
  answerSeconds = 10,
  longestPauseSeconds = 30,
  lifetimeSeconds = 6_600,
}: ConnectionOptions = {}): Connection {
  const Impl = webSocketOf(webSocketImpl)
  // Not `crypto.randomUUID`: browsers have that in secure contexts only.
  const clientId = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(36)).join('')
  const operations = new Map<string, Operation>()
  /** Those of the library's last socket, if it has closed one itself: it sends the same operations again. */
  let former: ReadonlyMap<string, Cursors> = new Map()
  const listeners = new Set<() => void>()
  let state: ConnectionState = { state: 'closed' }
  /** What the library holds. */
  let near: Near | undefined
  /** What is connected to the service. */
  let far: WebSocketLike | undefined
  let attempts = 0
  let startedAtMs = 0
  /** When `connection_ack` came; 0 before that. */
  let liveAtMs = 0
  let heardAtMs = 0
  let askedAtMs = 0
  /** When a ping was sent that is not answered yet; 0 if none is. */
  let pingedAtMs = 0
  let lifetimeMs = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let watch: ReturnType<typeof setInterval> | undefined

  class Near implements WebSocketLike {
    static readonly CONNECTING = connecting
    static readonly OPEN = open
    static readonly CLOSING = closing
    static readonly CLOSED = closed
    readyState: number = connecting
    onopen: WebSocketLike['onopen'] = null
    onmessage: WebSocketLike['onmessage'] = null
    onclose: WebSocketLike['onclose'] = null
    onerror: WebSocketLike['onerror'] = null
    readonly connect: () => WebSocketLike
    /** What the library sends with `connection_init`. */
    params: object | undefined

    constructor(url: string | URL, protocols: string | string[] = [], ...options: never[]) {
      if (near) throw new Error('A connection serves one client: make one more with createConnection().')
      near = this // eslint-disable-line @typescript-eslint/no-this-alias -- the library makes one at a time
      this.connect = () => new Impl(url, protocols, ...options)
      queueMicrotask(() => {
        if (this.readyState !== connecting) return
        this.readyState = open
        this.onopen?.({} as never)
      })
      for (const wake of wakes) target(wake)?.addEventListener(wake, look)
    }

    send(text: string): void {
      const message = JSON.parse(text) as OperationMessage | { readonly type: string; readonly payload?: object }
      switch (message.type) {
        case 'connection_init':
          this.params = message.payload ?? {}
          queueMicrotask(() => {
            this.receive({ type: 'connection_ack' })
          })
          if (state.state === 'closed') start()
          else tryAgain()
          return
        case 'start':
        case 'subscribe':
          begin(message as OperationMessage)
          return
        case 'stop':
        case 'complete':
          if (!end((message as OperationMessage).id)) return
      }
      if (liveAtMs) far?.send(text)
    }

    close(code = 1000, reason = ''): void {
      if (this.readyState === closed) return
      this.readyState = closed
      leave()
      near = undefined
      former = new Map([...operations].map(([id, { cursors }]) => [id, cursors]))
      operations.clear()
      clearTimeout(retry)
      for (const wake of wakes) target(wake)?.removeEventListener(wake, look)
      if (state.state !== 'refused') change({ state: 'closed' })
      queueMicrotask(() => this.onclose?.({ code, reason, wasClean: true } as never))
    }

    receive(frame: unknown): void {
      this.onmessage?.({ data: JSON.stringify(frame) } as never)
    }
  }

  function change(next: ConnectionState): void {
    state = next
    for (const listener of listeners) listener()
  }

  function begin(message: OperationMessage): void {
    const operation = newOperation(message, former.get(message.id))
    operations.set(message.id, operation)
    if (state.state === 'refused') queueMicrotask(tryAgain)
    else if (liveAtMs) transmit(operation)
  }

  /** @returns whether the service knows of it */
  function end(id: string): boolean {
    const operation = operations.get(id)
    operations.delete(id)
    if (operation?.isBehind) settle()
    return operation !== undefined && operation.sentAtMs > 0
  }

  function fail(operation: Operation, message: string, code: string): void {
    const { id, type } = operation.message
    operations.delete(id)
    const error = { message, extensions: { code } }
    near?.receive({ id, type: 'error', payload: type === 'start' ? error : [error] })
  }

  function transmit(operation: Operation): void {
    operation.sentAtMs = Date.now()
    if (operation.kind === 'subscription') operation.isBehind = operation.cursors.latest !== undefined
    else askedAtMs = operation.sentAtMs
    far?.send(resuming(operation))
  }

  /** Forgets the connection to the service. Nothing that it still says is heard. */
  function leave(): void {
    clearInterval(watch)
    if (far) {
      far.onopen = far.onmessage = far.onclose = null
      far.onerror = () => undefined
      far.close()
    }
    far = undefined
    liveAtMs = pingedAtMs = askedAtMs = 0
    for (const operation of operations.values()) {
      if (operation.sentAtMs && operation.kind === 'mutation') {
        fail(operation, 'The connection was lost before the service answered.', 'CONNECTION_LOST')
      }
      operation.sentAtMs = 0
    }
  }

  function start(): void {
    if (!near) return
    clearTimeout(retry)
    leave()
    const { connect } = near
    change({ state: 'connecting' })
    startedAtMs = heardAtMs = Date.now()
    lifetimeMs = lifetimeSeconds * 1_000 * (1 - Math.random() / 10)
    try {
      far = connect()
    } catch (error) {
      refuse(String(error))
      return
    }
    const socket = far
    socket.onopen = () => void greet(socket)
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      heardAtMs = Date.now()
      pingedAtMs = 0
      hear(String(data))
    }
    socket.onclose = ({ code, reason }: CloseEventLike) => {
      if (code === 1009) tooLarge()
      else if (code === 4400 || code === 4403) refuse(reason)
      else lose(`The connection was closed with the code ${code}${reason && `: ${reason}`}.`)
    }
    socket.onerror = () => undefined // a close follows
    watch = setInterval(check, Math.min(1_000, answerSeconds * 250))
  }

  async function greet(socket: WebSocketLike): Promise<void> {
    try {
      const asked = await (typeof connectionParams === 'function' ? connectionParams() : connectionParams)
      if (socket !== far) return
      const payload = { ...near?.params, ...asked, clientId, resume: true }
      socket.send(JSON.stringify({ type: 'connection_init', payload }))
    } catch (error) {
      if (socket === far) lose(error instanceof Error ? error.message : String(error))
    }
  }

  function hear(text: string): void {
    let frame: Frame
    try {
      frame = JSON.parse(text) as Frame
    } catch {
      frame = { message: text }
    }
    const { type, id = '' } = frame
    const [payload] = [frame.payload].flat()
    const operation = operations.get(id)
    // API Gateway's own: an integration was throttled, or has failed. Nothing says which message was.
    if (typeof type !== 'string') {
      lose(`API Gateway says: ${String(frame.message)}`)
      return
    }
    if (/^4\d\d\d: /.test(type)) {
      if (type.startsWith('4400') || type.startsWith('4403')) refuse(type.slice(6))
      else lose(type.slice(6))
      return
    }
    switch (type) {
      case 'connection_ack':
        liveAtMs = heardAtMs
        for (const each of operations.values()) transmit(each)
        settle()
        return
      case 'pong':
        return
      case 'ping':
        far?.send('{"type":"pong"}')
        return
      case 'next':
      case 'data':
        if (operation && !isForApplication(operation, payload)) return
        break
      case 'error': {
        const mayPass = operation?.kind === 'subscription' && transientCodes.includes(payload?.extensions?.code ?? '')
        if (mayPass && ++operation.failures < maxFailures) {
          lose(payload?.message ?? '')
          return
        }
        end(id)
        break
      }
      case 'complete':
        end(id)
    }
    near?.onmessage?.({ data: text } as never)
  }

  function isForApplication(operation: Operation, payload: Payload | undefined): boolean {
    const { cursor, resume } = payload?.extensions ?? {}
    if (resume === 'complete') {
      operation.isBehind = false
      settle()
    }
    if (resume === 'incomplete' && !operation.isIncomplete) {
      operation.isIncomplete = true
      const { query, operationName, variables } = operation.message.payload
      onIncomplete?.({ query, ...(operationName !== undefined && { operationName }), variables })
    }
    if (resume !== undefined) return false
    operation.failures = 0
    if (cursor === undefined) return true
    operation.isIncomplete = false
    return isNew(operation.cursors, cursor)
  }

  /** Live, or still behind? */
  function settle(): void {
    if (!liveAtMs) return
    const next = [...operations.values()].some(({ isBehind }) => isBehind) ? 'catchingUp' : 'live'
    if (state.state !== next) change({ state: next })
  }

  function lose(reason: string): void {
    if (liveAtMs && Date.now() - liveAtMs > stableMs) attempts = 0
    leave()
    pause(reason)
  }

  /** The application asks for something after a refusal: it may have another token by now. */
  function tryAgain(): void {
    if (state.state !== 'refused') return
    if (whenRefused === 'fail') pause(state.reason)
    else failRefused(state.reason)
  }

  function pause(reason: string): void {
    const pauseMs = Math.random() * Math.min(firstPauseMs * 2 ** attempts++, longestPauseSeconds * 1_000)
    change({ state: isOffline() ? 'offline' : 'waiting', untilMs: Date.now() + pauseMs, reason })
    retry = setTimeout(start, pauseMs)
  }

  function refuse(reason: string): void {
    leave()
    change({ state: 'refused', reason })
    failRefused(reason)
  }

  function failRefused(reason: string): void {
    for (const operation of [...operations.values()]) {
      if (whenRefused === 'fail' || operation.kind !== 'subscription') fail(operation, reason, 'REFUSED')
    }
  }

  /** The largest message was: API Gateway closes with 1009 at a frame of more than 32 KB. Sent again, it would do so again. */
  function tooLarge(): void {
    const sent = [...operations.values()].filter(({ sentAtMs }) => sentAtMs)
    const sizes = sent.map((operation) => resuming(operation).length)
    const largest = sent[sizes.indexOf(Math.max(...sizes))]
    const reason = 'A message was larger than API Gateway takes: expected at most 32 KB in one frame.'
    if (!largest) {
      refuse(reason)
      return
    }
    fail(largest, reason, 'TOO_LARGE')
    lose(reason)
  }

  function check(): void {
    const now = Date.now()
    if (!liveAtMs) {
      if (now - startedAtMs > longestConnectMs) lose('The service has not answered.')
      return
    }
    const asking = [...operations.values()].filter(({ kind, sentAtMs }) => sentAtMs && kind !== 'subscription')
    for (const operation of asking) {
      if (now - operation.sentAtMs > longestAnswerMs) fail(operation, 'The service has not answered.', 'NO_ANSWER')
    }
    const answerMs = answerSeconds * 1_000
    const silentMs = now - heardAtMs
    if (pingedAtMs) {
      if (now - pingedAtMs > answerMs) lose('The line was silent, and a ping was not answered.')
    } else if (silentMs > silenceSeconds * 1_000 || (askedAtMs > heardAtMs && now - askedAtMs > answerMs)) ping()
    const overdueMs = now - startedAtMs - lifetimeMs
    const isQuiet = asking.length === 0 && silentMs > quietMs
    if (overdueMs > longestPostponementMs || (overdueMs > 0 && isQuiet)) start()
  }

  function ping(): void {
    pingedAtMs = Date.now()
    far?.send('{"type":"ping"}')
  }

  /** The network or the page may be back. */
  function look(): void {
    if (state.state === 'waiting' || state.state === 'offline') {
      if (isOffline()) change({ ...state, state: 'offline' })
      else start()
    } else if (liveAtMs && !pingedAtMs && Date.now() - heardAtMs > freshMs) ping()
  }

  return {
    WebSocket: Near,
    clientId,
    state: () => state,
    onState(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    reconnect() {
      attempts = 0
      start()
    },
  }
}

function webSocketOf(given: unknown): WebSocketConstructor {
  const found = (given ?? (globalThis as { WebSocket?: unknown }).WebSocket) as WebSocketConstructor | undefined
  if (found) return found
  throw new Error('Expected a global WebSocket, found none: pass "webSocketImpl", such as that of the package "ws".')
}

function isOffline(): boolean {
  return (globalThis as { navigator?: { readonly onLine?: boolean } }).navigator?.onLine === false
}

/** What tells of an event: the document of a change of visibility, the window of the others. Node has neither. */
function target(event: string): EventTarget | undefined {
  const { document, window } = globalThis as { document?: EventTarget; window?: EventTarget }
  return event === 'visibilitychange' ? document : window
}
