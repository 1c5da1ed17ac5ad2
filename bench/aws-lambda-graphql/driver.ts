import { ApiGatewayManagementApi, DynamoDB } from 'aws-sdk'
import { environmentOf } from '../contenders/environment'
import { drive } from '../drivers/drive'
import { createServer } from './server'

/** The function of aws-lambda-graphql, which serves all three routes. */
drive(() => {
  const { callbackUrl, credentials } = environmentOf(process.env)
  const options = { region: 'us-east-1', credentials }
  const service = new DynamoDB({ ...options, endpoint: new URL(callbackUrl).origin })
  const { onWebSocket } = createServer({
    dynamoDbClient: new DynamoDB.DocumentClient({ service }),
    apiGatewayManager: new ApiGatewayManagementApi({ ...options, endpoint: callbackUrl }),
  })
  return onWebSocket
})
