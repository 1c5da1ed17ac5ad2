import { Agent } from 'node:https'
import { ApiGatewayManagementApi, DynamoDB } from 'aws-sdk'
import { concurrency, environmentOf } from './environment'
import { lambdaSubscriptionsPublisher } from './lambda-subscriptions-server'
import { measure } from './measure'

/** graphql-lambda-subscriptions with one client for all posts, and as many connections as the other contenders. */
measure(() => {
  const { callbackUrl, credentials } = environmentOf(process.env)
  const httpOptions = { agent: new Agent({ keepAlive: true, maxSockets: concurrency }) }
  const options = { region: 'us-east-1', credentials, httpOptions, maxRetries: 0 }
  return lambdaSubscriptionsPublisher({
    dynamodb: new DynamoDB({ ...options, endpoint: new URL(callbackUrl).origin }),
    apiGatewayManagementApi: new ApiGatewayManagementApi({ ...options, endpoint: callbackUrl }),
  })
})
