import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi'
import { readAccess } from '../lib/authentication/access'
import { createDynamoDb } from '../lib/aws/dynamodb'
import { sdkTimeOuts } from '../lib/aws/sdk-time-outs'
import { awsServices } from '../lib/aws/services'
import { createTable } from '../lib/aws/table'
import { createClients } from '../lib/clients/clients'
import { readSessionSettings } from '../lib/clients/session-settings'
import { createSessions } from '../lib/clients/sessions'
import { required } from '../lib/environment'
import { snsTopicSenders } from '../lib/aws/sns-topic'
import { createConnections } from '../lib/gateway/connections'
import { deliverAnswer } from '../lib/gateway/deliver-answer'
import type { MessageEvent, RouteResponse } from '../lib/gateway/events'
import { graphqlContexts } from '../schema/graphql-context'
import { readDocumentLimits, readLimits } from '../lib/receive/limits'
import { logMaskedError } from '../lib/observability/logger'
import { countingClients } from '../lib/observability/counting-clients'
import { documentRules } from '../lib/operations/document-rules'
import { createOperations } from '../lib/operations/execute'
import { answerFailure, answerSafely } from '../lib/receive/answer-safely'
import { schema } from '../schema'

const aws = awsServices()
const dynamoDb = createDynamoDb(aws.at('dynamodb'))
const table = createTable({ dynamoDb, tableName: required('CLIENTS_TABLE') })
const connections = createConnections(
  new ApiGatewayManagementApiClient({ endpoint: required('CALLBACK_URL'), requestHandler: sdkTimeOuts }),
)
const receiver = {
  clients: countingClients(createClients({ table })),
  sessions: createSessions({ table, ...readSessionSettings() }),
  operations: createOperations({ schema, onError: logMaskedError, limits: documentRules(readDocumentLimits()) }),
  contextFor: graphqlContexts({
    requestsTopicArn: required('REQUESTS_TOPIC_ARN'),
    messagesTable: required('MESSAGES_TABLE'),
  }),
  requestReplay: snsTopicSenders(aws.at('sns')).to(required('LEFTOVERS_TOPIC_ARN')),
  access: readAccess(),
  limits: readLimits(),
}

/** `$default`: every message that a client sends. */
export async function handler({ body, isBase64Encoded, requestContext }: MessageEvent): Promise<RouteResponse> {
  const { connectionId, requestTimeEpoch: receivedAtMs } = requestContext
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '')
  const received = { connectionId, text, receivedAtMs }
  const answer = await answerSafely(received, receiver)
  const onFailure = (error: unknown) => answerFailure(error, received, receiver.limits)
  return deliverAnswer(answer, { connectionId, connections, onFailure })
}
