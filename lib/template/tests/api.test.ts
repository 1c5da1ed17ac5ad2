import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
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
  let received = false
  const first = added.next().finally(() => {
    received = true
  })
  // No message reports that a subscription is stored, so notes are added until one arrives.
  const adding = addNotes(() => received)
  try {
    const [next] = await Promise.all([first, adding])
    assert.deepEqual(next.value, { data: { noteAdded: { text: 'Hello' } } })
  } finally {
    await client.dispose()
  }
})

async function addNotes(isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    await addNote()
    await sleep(500)
  }
}

async function addNote(): Promise<void> {
  const query = 'mutation { addNote(board: "b", text: "Hello") { text } }'
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(service.httpUrl, { method: 'POST', headers, body: JSON.stringify({ query }) })
  assert.deepEqual(await response.json(), { data: { addNote: { text: 'Hello' } } })
}
