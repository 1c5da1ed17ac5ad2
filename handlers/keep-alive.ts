import { setTimeout as sleep } from 'node:timers/promises'
import { createDynamoDb } from '../lib/aws/dynamodb'
import { awsServices } from '../lib/aws/services'
import { createTable } from '../lib/aws/table'
import { dueConnections } from '../lib/clients/keep-alive'
import { readSessionSettings } from '../lib/clients/session-settings'
import { createSessions } from '../lib/clients/sessions'
import { required } from '../lib/environment'
import { logger } from '../lib/observability/logger'
import { signedDeliver } from '../lib/publisher/deliver'
import { keepAlive } from '../lib/publisher/keep-alive'
import { readPublisherSettings } from '../lib/publisher/settings'

const settings = readPublisherSettings()
const aws = awsServices()
const table = createTable({ dynamoDb: createDynamoDb(aws.at('dynamodb')), tableName: required('CLIENTS_TABLE') })
const keeping = {
  settings,
  callbackUrl: required('CALLBACK_URL'),
  sessions: createSessions({ table, ...readSessionSettings() }),
  deliver: signedDeliver({
    region: aws.region,
    credentials: aws.credentials,
    ...settings.connections,
  }).deliver,
  clock: { now: Date.now, pause: sleep },
}

/** The next minute's turn comes while this one ends, and none is missed. */
const workMs = 45_000

/** Once a minute: keeps the connections open whose turn it is. */
export async function handler({ time }: { readonly time: string }): Promise<void> {
  const due = dueConnections(Date.parse(time), { table })
  logger.info('Kept alive.', { ...(await keepAlive({ ...keeping, due }, Date.now() + workMs)) })
}
