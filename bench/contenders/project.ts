import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { SnsEvent } from '../../lib/aws/sns-topic'
import { topicsOf } from '../../schema/topics'
import { translation } from '../model'
import { measure } from './measure'

type Handler = (event: SnsEvent, context: { getRemainingTimeInMillis(): number }) => Promise<void>

/** The `publish` function as it is deployed, handed the message that SNS would hand it, with an event that is not in the log yet. */
measure(() => {
  const folder = join(__dirname, '..', process.env['FUNCTIONS'] ?? 'functions')
  const { handler } = createRequire(__filename)(join(folder, 'publish.js')) as { handler: Handler }
  return async (room) => {
    const requestId = randomUUID()
    const event = translation(room, requestId)
    const Message = JSON.stringify({ topics: topicsOf(event), event, correlationId: requestId, sentAt: event.sentAt })
    const Records = [{ Sns: { MessageId: randomUUID(), Message } }]
    await handler({ Records }, { getRemainingTimeInMillis: () => 60_000 })
  }
})
