import type { AttributeMap } from '../../lib/aws/attribute-values'
import { subscriptionId } from '../../lib/clients/keys'
import { connectionIdOf, operationIdAt, operationName, query } from '../model'

/** Later than any measurement. */
const ttl = { N: '4102444800' }

/** The attributes of a subscription in this project's index, without the topic. */
export function projectRow(n: number) {
  return {
    connectionId: { S: connectionIdOf(n) },
    id: { S: subscriptionId(operationIdAt(n)) },
    operation: { S: operationName },
    ttl,
  }
}

interface LibraryRow {
  readonly n: number
  readonly topic: string
  readonly isWanting: boolean
  /** Without a scheme. */
  readonly domainName: string
}

/** As long as a domain name of API Gateway. */
export const realDomainName = 'abcdefghij.execute-api.us-east-1.amazonaws.com'

/** The stored attributes of a subscription in graphql-lambda-subscriptions, all of which its index contains. */
export function lambdaSubscriptionsRow({ n, topic, isWanting, domainName }: LibraryRow): AttributeMap {
  const connectionId = connectionIdOf(n)
  const id = operationIdAt(n)
  return {
    id: { S: `${connectionId}|${id}` },
    topic: { S: topic },
    filter: { M: isWanting ? {} : { language: { S: 'de' } } },
    subscriptionId: { S: id },
    subscription: { M: { query: { S: query }, variables: { M: {} }, operationName: { S: 'Subscription' } } },
    connectionId: { S: connectionId },
    connectionInitPayload: { M: {} },
    requestContext: {
      M: {
        apiId: { S: 'abcdefghij' },
        connectedAt: { N: '1763877600000' },
        connectionId: { S: connectionId },
        domainName: { S: domainName },
        eventType: { S: 'MESSAGE' },
        extendedRequestId: { S: 'JKJaXmPLvHcESHA=' },
        messageDirection: { S: 'IN' },
        messageId: { S: 'JKJaXe1mPHcCJaQ=' },
        requestId: { S: 'JKJaXmPLvHcESHA=' },
        requestTime: { S: '23/Nov/2026:06:00:00 +0000' },
        requestTimeEpoch: { N: '1763877600000' },
        routeKey: { S: '$default' },
        stage: { S: 'dev' },
      },
    },
    ttl,
  }
}

/** The stored attributes of a subscription in aws-lambda-graphql. */
export function lambdaGraphqlRow({ n, topic, isWanting, domainName }: LibraryRow): AttributeMap {
  const connectionId = connectionIdOf(n)
  const operationId = operationIdAt(n)
  const wanted = isWanting ? query : query.replace('bench', 'other')
  return {
    event: { S: topic },
    subscriptionId: { S: `${connectionId}:${operationId}` },
    operationId: { S: operationId },
    operation: {
      M: {
        query: { S: wanted },
        variables: { M: {} },
        operationName: { S: 'Subscription' },
        operationId: { S: operationId },
      },
    },
    connection: {
      M: {
        id: { S: connectionId },
        createdAt: { S: 'Mon Nov 23 2026 06:00:00 GMT+0000 (Coordinated Universal Time)' },
        data: { M: { endpoint: { S: `${domainName}/dev` }, context: { M: {} }, isInitialized: { BOOL: true } } },
        ttl,
      },
    },
    ttl,
  }
}
