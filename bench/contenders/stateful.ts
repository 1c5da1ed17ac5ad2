import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { eventText } from '../model'
import { counted } from './executions'
import { measure } from './measure'

type Listener = (event: { readonly chat: string }) => void

/** A long-running server with every socket in memory, which this project replaces. */
measure(() => {
  const listeners = new Map<string, Listener[]>()
  const listen = (chatId: string, listener: Listener) => {
    const known = listeners.get(chatId)
    if (known) known.push(listener)
    else listeners.set(chatId, [listener])
  }
  const schema = buildSchema('type Query { a: Int } type Subscription { chat(chatId: String!): String }')
  const chat = schema.getSubscriptionType()?.getFields()['chat']
  if (chat) {
    chat.resolve = counted((event: { readonly chat: string }) => event.chat)
    chat.subscribe = async function* (_root: unknown, { chatId }: { chatId: string }) {
      for (;;) {
        yield await new Promise<{ readonly chat: string }>((resolve) => {
          listen(chatId, resolve)
        })
      }
    }
  }
  const file = (name: string) => readFileSync(process.env[name] ?? '')
  const server = createServer({ key: file('KEY_FILE'), cert: file('NODE_EXTRA_CA_CERTS') })
  useServer({ schema }, new WebSocketServer({ server }))
  server.listen(0, 'localhost', () => {
    const address = server.address()
    if (address !== null && typeof address === 'object') process.send?.({ port: address.port })
  })

  return async ({ listeners: subscribers }) => {
    const chatId = String(subscribers)
    const waiting = listeners.get(chatId) ?? []
    if (waiting.length !== subscribers)
      throw new Error(`${waiting.length} sockets subscribed, expected ${subscribers}.`)
    listeners.set(chatId, [])
    for (const listener of waiting) listener({ chat: eventText })
    // A subscriber that has received the event subscribes for the next one.
    while ((listeners.get(chatId)?.length ?? 0) < subscribers) await new Promise((resolve) => setImmediate(resolve))
  }
})
