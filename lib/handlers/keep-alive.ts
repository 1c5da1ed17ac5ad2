import { dueConnections } from '../clients/keep-alive'
import { required } from '../environment'
import { logger } from '../observability/logger'
import { keepAlive } from '../publisher/keep-alive'
import { clientsTable } from '../resources'
import { delivering } from './delivering'

const callbackUrl = required('CALLBACK_URL')
const keeping = { ...delivering(callbackUrl), callbackUrl }

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
