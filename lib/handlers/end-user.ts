import { ApiGatewayManagementApiClient, DeleteConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi'
import * as v from 'valibot'
import { endUser } from '../authentication/end-user'
import { sdkStatusOf } from '../aws/sdk-errors'
import { sdkTimeOuts } from '../aws/sdk-time-outs'
import { createClients } from '../clients/clients'
import { required } from '../environment'
import { announce, clientsTable } from '../resources'

const clients = createClients({ table: clientsTable(), announce })
const management = new ApiGatewayManagementApiClient({
  endpoint: required('CALLBACK_URL'),
  requestHandler: sdkTimeOuts,
})

const Request = v.strictObject({ user: v.pipe(v.string(), v.minLength(1)) })

/**
 * Ends all connections of a user, given by the `sub` of their tokens: docs/how-to/authorise.md. Only IAM restricts who
 * may call it.
 */
export async function handler(request: unknown): Promise<{ readonly ended: number }> {
  return { ended: await endUser(v.parse(Request, request).user, { clients, close }) }
}

async function close(ConnectionId: string): Promise<void> {
  try {
    await management.send(new DeleteConnectionCommand({ ConnectionId }))
  } catch (error) {
    if (sdkStatusOf(error) !== 410) throw error
  }
}
