import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { translation } from '../model'
import { measure } from './measure'

type Handler = (event: unknown, context: object) => Promise<unknown>

/** The `publish` function as deployed. Its input is the SNS message about an event that is not logged yet. */
measure(() => {
  const folder = join(__dirname, '..', process.env['FUNCTIONS'] ?? 'functions')
  const { handler } = createRequire(__filename)(join(folder, 'publish.js')) as { handler: Handler }
  return async (room) => {
    const Message = JSON.stringify(translation(room, randomUUID()))
    const Records = [{ Sns: { MessageId: randomUUID(), Message } }]
    await handler({ Records }, { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => 60_000 })
  }
})
