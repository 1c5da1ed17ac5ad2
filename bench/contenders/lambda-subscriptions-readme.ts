import { DynamoDB } from 'aws-sdk'
import { environmentOf } from './environment'
import { lambdaSubscriptionsPublisher } from './lambda-subscriptions-server'
import { measure } from './measure'

/**
 * graphql-lambda-subscriptions as configured in its README: it creates a client per post, from the domain name that is
 * stored with the subscription. AWS_NODEJS_CONNECTION_REUSE_ENABLED keeps their connections, 50 at once, as AWS
 * recommends.
 */
measure(() => {
  const { callbackUrl, credentials } = environmentOf(process.env)
  const endpoint = new URL(callbackUrl).origin
  return lambdaSubscriptionsPublisher({ dynamodb: new DynamoDB({ region: 'us-east-1', credentials, endpoint }) })
})
