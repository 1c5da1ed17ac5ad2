import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi'
import * as v from 'valibot'
import { sdkTimeOuts } from '../lib/aws/sdk-time-outs'
import { endUser } from '../lib/authentication/end-user'
import { createDynamoDb } from '../lib/aws/dynamodb'
import { awsServices } from '../lib/aws/services'
import { createTable } from '../lib/aws/table'
import { createClients } from '../lib/clients/clients'
import { required } from '../lib/environment'
import { createConnections } from '../lib/gateway/connections'

const dynamoDb = createDynamoDb(awsServices().at('dynamodb'))
const clients = createClients({ table: createTable({ dynamoDb, tableName: required('CLIENTS_TABLE') }) })
const connections = createConnections(
  new ApiGatewayManagementApiClient({ endpoint: required('CALLBACK_URL'), requestHandler: sdkTimeOuts }),
)

const Request = v.strictObject({ user: v.pipe(v.string(), v.minLength(1)) })

/** Ends all connections of a user, by the `sub` of their tokens: docs/operations.md. Only IAM says who may call it. */
export async function handler(request: unknown): Promise<{ readonly ended: number }> {
  return { ended: await endUser(v.parse(Request, request).user, { clients, connections }) }
}
