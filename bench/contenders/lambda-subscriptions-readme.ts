import { DynamoDB } from 'aws-sdk'
import { environmentOf } from './environment'
import { lambdaSubscriptionsPublisher } from './lambda-subscriptions-server'
import { measure } from './measure'

/**
 * graphql-lambda-subscriptions as its README sets it up: it makes a client for each post, from the domain name that is stored with the
 * subscription. Their connections are kept by AWS_NODEJS_CONNECTION_REUSE_ENABLED, 50 at once, as AWS advises.
 */
measure(() => {
  const { callbackUrl, credentials } = environmentOf(process.env)
  const endpoint = new URL(callbackUrl).origin
  return lambdaSubscriptionsPublisher({ dynamodb: new DynamoDB({ region: 'us-east-1', credentials, endpoint }) })
})
