import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient } from 'graphql-ws'
import { type Service, startService } from 'serverless-graphql-subscriptions/testing'
import { WebSocket } from 'ws'

let service: Service
before(async () => {
  service = await startService()
})
after(() => service.stop())

test('a subscriber receives an added note', async () => {
  const client = createClient({ url: service.webSocketUrl, webSocketImpl: WebSocket })
  const added = client.iterate({ query: 'subscription { noteAdded(board: "b") { text } }' })
  const first = added.next()
  // No message reports that a subscription is stored, so notes are added until one arrives.
  const adding = setInterval(() => void addNote(), 500)
  try {
    assert.deepEqual((await first).value, { data: { noteAdded: { text: 'Hello' } } })
  } finally {
    clearInterval(adding)
    await client.dispose()
  }
})

async function addNote(): Promise<void> {
  const query = 'mutation { addNote(board: "b", text: "Hello") { text } }'
  const headers = { 'content-type': 'application/json' }
  await fetch(service.httpUrl, { method: 'POST', headers, body: JSON.stringify({ query }) })
}
