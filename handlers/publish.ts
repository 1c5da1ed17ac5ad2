import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi'
import { createClients } from '../lib/clients/clients'
import { createDocuments } from '../lib/clients/dynamodb'
import { required } from '../lib/environment'
import { parsePublication } from '../lib/events/publication'
import type { SnsEvent } from '../lib/events/sns-topic'
import { log, logMaskedError } from '../lib/log'
import { createOperations } from '../lib/operations/execute'
import { endExpired } from '../lib/publisher/end-expired'
import { sdkDeliver } from '../lib/publisher/deliver'
import { publish } from '../lib/publisher/publish'
import { schema } from '../schema'

const managementClients = new Map<string, ApiGatewayManagementApiClient>()
const deliver = sdkDeliver(managementAt)
const clients = createClients({
  documents: createDocuments(),
  tableName: required('CLIENTS_TABLE'),
  onExpired: (subscribers) => endExpired(subscribers, { clients, deliver }),
})
const publisher = {
  clients,
  operations: createOperations({ schema, onError: logMaskedError }),
  deliver,
  contextValue: {},
  concurrency: 50, // what the SDK keeps open as sockets
  onFailure: ({ connectionId }: { connectionId: string }, error: unknown) => {
    log.error('A delivery failed.', { connectionId, error })
  },
}

/** A publication on the SNS topic of messages: delivers it to everyone who listens. */
export async function handler({ Records }: SnsEvent): Promise<void> {
  for (const { Sns } of Records)
    log.info('Published.', { ...(await publish(parsePublication(Sns.Message), publisher)) })
}

function managementAt(callbackUrl: string): ApiGatewayManagementApiClient {
  const known = managementClients.get(callbackUrl) ?? new ApiGatewayManagementApiClient({ endpoint: callbackUrl })
  managementClients.set(callbackUrl, known)
  return known
}
