import { setTimeout as sleep } from 'node:timers/promises'
import { dueConnections } from '../clients/keep-alive'
import { required } from '../environment'
import { logger } from '../observability/logger'
import { keepAlive } from '../publisher/keep-alive'
import { clientsTable, connections, publisherSettings, sessions } from '../resources'

const keeping = {
  settings: publisherSettings(),
  callbackUrl: required('CALLBACK_URL'),
  sessions: sessions(),
  deliver: connections().deliver,
  clock: { now: Date.now, pause: sleep },
}

/** The next minute's turn comes while this one ends, and none is missed. */
const workMs = 45_000

/** Once a minute: keeps the connections open whose turn it is. */
export async function handler({ time }: { readonly time: string }): Promise<void> {
  const due = dueConnections(Date.parse(time), { table: clientsTable() })
  logger.info('Kept alive.', { ...(await keepAlive({ ...keeping, due }, Date.now() + workMs)) })
}
