import { on, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

/**
 * `npm run try [-- url [message]]`: the README's walkthrough with raw frames. It subscribes to a chat, posts a message
 * and prints every frame, until both translations have arrived.
 */
const [url = 'ws://localhost:3001', message = 'Good morning'] = process.argv.slice(2)
const translations = 2
const patienceMs = 20_000

// No message confirms that a subscription is stored. On Lambda both frames run concurrently, so the second one may be
// faster.
const pauseMs = 1_000

const subscription = 'subscription Subscription { chat(chatId: "chat") }'
const mutation = `mutation postMessage { putEvent(message: ${JSON.stringify(message)}, chatId: "chat") { Entries { EventId } } }`

walkThrough().catch((error: unknown) => {
  const isLate = error instanceof Error && error.name === 'AbortError'
  console.error(
    isLate
      ? `Expected ${translations} translations within ${patienceMs / 1000} s, but not all arrived.`
      : `Nothing responds at ${url}. Start the service with npm start first.`,
  )
  process.exitCode = 1
})

async function walkThrough(): Promise<void> {
  const socket = new WebSocket(url)
  const deadline = AbortSignal.timeout(patienceMs)
  try {
    await once(socket, 'open', { signal: deadline })
    const received = receiveTranslations(socket, deadline)
    send(socket, subscription)
    await Promise.race([sleep(pauseMs), received])
    send(socket, mutation)
    await received
  } finally {
    socket.close()
  }
}

function send(socket: WebSocket, query: string): void {
  const frame = JSON.stringify({ query, variables: {} })
  console.log(`→ ${frame}`)
  socket.send(frame)
}

async function receiveTranslations(socket: WebSocket, deadline: AbortSignal): Promise<void> {
  let received = 0
  for await (const [data] of on(socket, 'message', { signal: deadline }) as AsyncIterable<[Buffer]>) {
    const frame = data.toString()
    console.log(`← ${frame}`)
    if (frame.includes('"chat"')) received += 1
    if (received === translations) return
  }
}
