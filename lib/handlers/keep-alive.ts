import { setTimeout as sleep } from 'node:timers/promises'
import { dueConnections } from '../clients/keep-alive'
import { required } from '../environment'
import { logger } from '../observability/logger'
import { keepAlive } from '../publisher/keep-alive'
import { createRefusalRate } from '../publisher/refusal-rate'
import { clientsTable, connections, publisherSettings, sessions } from '../resources'

const callbackUrl = required('CALLBACK_URL')

const keeping = {
  settings: publisherSettings(),
  callbackUrl,
  refusalRate: createRefusalRate(),
  sessions: sessions(),
  deliver: connections().deliver,
  close: (connectionId: string) => connections().close({ callbackUrl, connectionId }),
  clock: { now: Date.now, pause: sleep },
}

/** Less than a minute: an invocation ends about when the next one starts, so no connection is skipped. */
const workMs = 45_000

/** Time after that for cutting off connections that could not be served. */
const cutOffMs = 10_000

/** Runs once a minute, and keeps the connections open that are due. */
export async function handler({ time }: { readonly time: string }): Promise<void> {
  const due = dueConnections(Date.parse(time), { table: clientsTable() })
  const deadlineMs = Date.now() + workMs
  logger.info('Kept alive.', {
    ...(await keepAlive({ ...keeping, due }, { deadlineMs, endMs: deadlineMs + cutOffMs })),
  })
}
