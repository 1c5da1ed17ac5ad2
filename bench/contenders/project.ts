import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { SnsEvent } from '../../lib/events/sns-topic'
import { eventText, topicOf } from '../model'
import { measure } from './measure'

type Handler = (event: SnsEvent, context: { getRemainingTimeInMillis(): number }) => Promise<void>

/** The `publish` function as it is deployed, handed the message that SNS would hand it. */
measure(() => {
  const { handler } = createRequire(__filename)(join(__dirname, '..', 'functions', 'publish.js')) as {
    handler: Handler
  }
  return async (subscribers) => {
    const event = { id: 'e:fr', chatId: 'bench', text: eventText, language: 'fr' }
    const Message = JSON.stringify({ topics: [topicOf(subscribers), topicOf(0)], event })
    await handler(
      { Records: [{ Sns: { MessageId: randomUUID(), Message } }] },
      { getRemainingTimeInMillis: () => 60_000 },
    )
  }
})
