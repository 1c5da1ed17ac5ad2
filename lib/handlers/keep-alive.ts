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

/** The next minute's turn comes while this one ends, and none is missed. */
const workMs = 45_000

/** After that: for cutting off whoever could not be reached. */
const cutOffMs = 10_000

/** Once a minute: keeps the connections open whose turn it is. */
export async function handler({ time }: { readonly time: string }): Promise<void> {
  const due = dueConnections(Date.parse(time), { table: clientsTable() })
  const deadlineMs = Date.now() + workMs
  logger.info('Kept alive.', {
    ...(await keepAlive({ ...keeping, due }, { deadlineMs, endMs: deadlineMs + cutOffMs })),
  })
}
