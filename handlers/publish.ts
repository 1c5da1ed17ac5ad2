import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi'
import { createClients } from '../lib/clients/clients'
import { createDocuments } from '../lib/clients/dynamodb'
import { statusOf } from '../lib/gateway/connections'
import { required } from '../lib/environment'
import { parsePublication, type Publication } from '../lib/events/publication'
import type { SnsEvent } from '../lib/events/sns-topic'
import { log, logMaskedError } from '../lib/log'
import { report } from '../lib/observability/metrics'
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
    if (statusOf(error) === 429) report({ Throttled: 1 })
    log.error('A delivery failed.', { connectionId, error })
  },
}

/** A publication on the SNS topic of messages: delivers it to everyone who listens. */
export async function handler({ Records }: SnsEvent): Promise<void> {
  for (const { Sns } of Records) {
    const publication = parsePublication(Sns.Message)
    log.correlate(publication.correlationId)
    const { delivered, gone, failed, executions } = await publish(publication, publisher)
    report(
      { Delivered: delivered, Gone: gone, Failed: failed, Executions: executions },
      timeToDelivery(publication, delivered),
    )
    log.info('Published.', { delivered, gone, failed, executions })
  }
}

function managementAt(callbackUrl: string): ApiGatewayManagementApiClient {
  const known = managementClients.get(callbackUrl) ?? new ApiGatewayManagementApiClient({ endpoint: callbackUrl })
  managementClients.set(callbackUrl, known)
  return known
}

/** From the mutation to the last delivery of this publication; nothing where nobody was there to be delivered to. */
function timeToDelivery({ sentAt }: Publication, delivered: number): { readonly TimeToDelivery?: number } {
  return sentAt === undefined || delivered === 0 ? {} : { TimeToDelivery: Date.now() - Date.parse(sentAt) }
}
