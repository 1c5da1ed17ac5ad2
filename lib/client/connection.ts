import { isOffline, target, wakes } from './browser'
import { isRefusal, type Payload, readFrame } from './frames'
import { type LibrarySocket, librarySocket } from './library-socket'
import { type Cursors, isNew, newOperation, type Operation, type OperationMessage, resuming } from './operation'
import type { Connection, ConnectionOptions } from './options'
import { bytesOf, cursorBytes, maxFrameBytes, tooLarge } from './size'
import type { ConnectionState } from './state'
import type { CloseEventLike, WebSocketConstructor, WebSocketLike } from './web-socket'

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
/** API Gateway ends what is silent for 600 s. */
const longestSilenceSeconds = 540
const longestPostponementMs = 300_000
/** Failures in a row of one operation that may pass, until the application hears of it. */
const maxFailures = 5
const transientCodes = ['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'RATE_LIMITED']

/**
 * Makes a connection that comes back by itself, exactly where it was, to a WebSocket API of this service. Each
 * subscription gets every event once: what was missed comes first, in its order, and what comes again is dropped. A
 * query is sent again if the connection is lost before its answer, and fails with the code `NO_ANSWER` if that happens
 * five times. A mutation is not: it fails with `CONNECTION_LOST`, and may or may not have been done. Both fail with
 * `NO_ANSWER` after 35 s without an answer on one connection.
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
  if (!(silenceSeconds <= longestSilenceSeconds)) {
    throw new Error(`Expected "silenceSeconds" to be at most ${longestSilenceSeconds}, got ${silenceSeconds}.`)
  }
  // Not `crypto.randomUUID`: browsers have that in secure contexts only.
  const clientId = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(36)).join('')
  const operations = new Map<string, Operation>()
  /** Those of the library's last socket, if it has closed one itself: it sends the same operations again. */
  let former: ReadonlyMap<string, Cursors> = new Map()
  /** What tells the library of failed operations: application code may throw, or close the socket, so it runs last. */
  const errors: (() => void)[] = []
  const listeners = new Set<() => void>()
  let state: ConnectionState = { state: 'closed' }
  /** What the library holds. */
  let near: LibrarySocket | undefined
  /** What the library sends with `connection_init`. */
  let libraryParams: object | undefined
  /** What is connected to the service. */
  let far: WebSocketLike | undefined
  let attempts = 0
  let startedAtMs = 0
  /** When `connection_ack` came; 0 before that. */
  let liveAtMs = 0
  let heardAtMs = 0
  /** When a message was sent to which an answer is due. */
  let askedAtMs = 0
  /** When a ping was sent that is not answered yet; 0 if none is. */
  let pingedAtMs = 0
  let lifetimeMs = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let watch: ReturnType<typeof setInterval> | undefined

  const Socket = librarySocket(webSocketOf(webSocketImpl), {
    opened(socket) {
      if (near) throw new Error('A connection serves one client: make one more with createConnection().')
      near = socket
      for (const wake of wakes) target(wake)?.addEventListener(wake, look)
    },
    sent(message, text) {
      switch (message.type) {
        case 'connection_init':
          libraryParams = message.payload
          queueMicrotask(() => near?.receive('{"type":"connection_ack"}'))
          if (state.state === 'closed') start()
          else tryAgain()
          return
        case 'ping':
          queueMicrotask(() => near?.receive('{"type":"pong"}'))
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
    },
    closed() {
      leave()
      near = undefined
      former = new Map([...operations].map(([id, { cursors }]) => [id, cursors]))
      operations.clear()
      clearTimeout(retry)
      for (const wake of wakes) target(wake)?.removeEventListener(wake, look)
      if (state.state !== 'refused') change({ state: 'closed' })
      while (errors.length) tell() // now, since the library may send its operations again
    },
  })

  function change(next: ConnectionState): void {
    state = next
    for (const listener of listeners) {
      queueMicrotask(() => {
        if (listeners.has(listener)) listener()
      })
    }
  }

  function begin(message: OperationMessage): void {
    const operation = newOperation(message, former.get(message.id))
    const bytes = bytesOf(resuming(operation))
    if (bytes > maxFrameBytes - cursorBytes) {
      fail(operation, tooLarge(bytes), 'TOO_LARGE')
      return
    }
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
    const text = JSON.stringify({ id, type: 'error', payload: type === 'start' ? error : [error] })
    const socket = near
    errors.push(() => socket?.receive(text))
    queueMicrotask(tell)
  }

  function tell(): void {
    errors.shift()?.()
  }

  function transmit(operation: Operation): void {
    operation.sentAtMs = Date.now()
    operation.isBehind = operation.kind === 'subscription' && operation.cursors.latest !== undefined
    if (operation.kind !== 'subscription' || operation.isBehind) askedAtMs = operation.sentAtMs
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
      const { kind, sentAtMs } = operation
      operation.sentAtMs = 0
      if (!sentAtMs || kind === 'subscription') continue
      const isLast = kind === 'mutation' || ++operation.failures === maxFailures
      const code = kind === 'mutation' ? 'CONNECTION_LOST' : 'NO_ANSWER'
      if (isLast) fail(operation, 'The connection was lost before the service answered.', code)
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
      if (isRefusal(String(code))) refuse(reason)
      else lose(`The connection was closed with the code ${code}${reason && `: ${reason}`}.`)
    }
    socket.onerror = () => undefined // a close follows
    watch = setInterval(check, Math.min(1_000, answerSeconds * 250))
  }

  async function greet(socket: WebSocketLike): Promise<void> {
    try {
      const asked = await (typeof connectionParams === 'function' ? connectionParams() : connectionParams)
      if (socket !== far) return
      const payload = { ...libraryParams, ...asked, clientId, resume: true }
      const text = JSON.stringify({ type: 'connection_init', payload })
      const bytes = bytesOf(text)
      if (bytes > maxFrameBytes) refuse(tooLarge(bytes))
      else {
        askedAtMs = Date.now()
        socket.send(text)
      }
    } catch (error) {
      if (socket === far) lose(error instanceof Error ? error.message : String(error))
    }
  }

  function hear(text: string): void {
    const frame = readFrame(text)
    if (frame.kind !== 'message') {
      const stop = frame.kind === 'refusal' ? refuse : lose
      stop(frame.reason)
      return
    }
    const { type, id, payload } = frame
    const operation = operations.get(id)
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
          operation.sentAtMs = 0
          operation.isBehind = true
          operation.retryAtMs = heardAtMs + longestPauseMs(operation.failures) * (1 - Math.random() / 2)
          settle()
          return
        }
        end(id)
        break
      }
      case 'complete':
        end(id)
    }
    near?.receive(text)
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
    if (!near || state.state !== 'refused') return
    if (whenRefused === 'fail') pause(state.reason)
    else failRefused(state.reason)
  }

  function longestPauseMs(failures: number): number {
    return Math.min(firstPauseMs * 2 ** failures, longestPauseSeconds * 1_000)
  }

  function pause(reason: string): void {
    const pauseMs = Math.random() * longestPauseMs(attempts++)
    change({ state: isOffline() ? 'offline' : 'waiting', untilMs: Date.now() + pauseMs, reason })
    retry = setTimeout(start, pauseMs)
  }

  function refuse(reason: string): void {
    leave()
    change({ state: 'refused', reason })
    failRefused(reason)
  }

  function failRefused(reason: string): void {
    for (const operation of operations.values()) {
      if (whenRefused === 'fail' || operation.kind !== 'subscription') fail(operation, reason, 'REFUSED')
    }
  }

  function check(): void {
    const now = Date.now()
    if (!liveAtMs && now - startedAtMs > longestConnectMs) {
      lose('The service has not answered.')
      return
    }
    const asking = [...operations.values()].filter(({ kind, sentAtMs }) => sentAtMs && kind !== 'subscription')
    for (const operation of asking) {
      if (now - operation.sentAtMs > longestAnswerMs) fail(operation, 'The service has not answered.', 'NO_ANSWER')
    }
    for (const operation of operations.values()) {
      if (liveAtMs && !operation.sentAtMs && now > operation.retryAtMs) transmit(operation)
    }
    settle()
    const answerMs = answerSeconds * 1_000
    const silentMs = now - heardAtMs
    if (pingedAtMs) {
      if (now - pingedAtMs > answerMs) lose('The line was silent, and a ping was not answered.')
    } else {
      const isSilent = liveAtMs > 0 && silentMs > silenceSeconds * 1_000
      const isOverdue = askedAtMs >= heardAtMs && now - askedAtMs > answerMs
      if (isSilent || isOverdue) ping()
    }
    const overdueMs = now - startedAtMs - lifetimeMs
    const isQuiet = asking.length === 0 && silentMs > quietMs
    if (liveAtMs && (overdueMs > longestPostponementMs || (overdueMs > 0 && isQuiet))) start()
  }

  function ping(): void {
    pingedAtMs = Date.now()
    far?.send('{"type":"ping"}')
  }

  /** The network or the page has gone, or may be back. */
  function look(): void {
    if (state.state === 'waiting' || state.state === 'offline') {
      if (isOffline()) change({ ...state, state: 'offline' })
      else start()
    } else if (liveAtMs && !pingedAtMs && (isOffline() || Date.now() - heardAtMs > freshMs)) ping()
  }

  return {
    WebSocket: Socket,
    clientId,
    state: () => state,
    onState(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    reconnect() {
      attempts = 0
      if (near) start()
      else if (state.state === 'refused') change({ state: 'closed' })
    },
  }
}

function webSocketOf(given: unknown): WebSocketConstructor {
  const found = (given ?? (globalThis as { WebSocket?: unknown }).WebSocket) as WebSocketConstructor | undefined
  if (found) return found
  throw new Error('Expected a global WebSocket, found none: pass "webSocketImpl", such as that of the package "ws".')
}
