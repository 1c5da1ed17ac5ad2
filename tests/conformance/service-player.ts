import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { muteNodeWarning } from '../../local/environment'
import { chatTopic } from '../../schema/topics'
import type { Service } from '../support/service'

/** How many subscriptions the service has stored for the French translations of a room. */
export function storedListeners(service: Service): { count: (room: string) => Promise<number>; close: () => void } {
  process.env[muteNodeWarning] = 'true'
  const dynamoDb = new DynamoDBClient({
    endpoint: service.dynamoDbEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  return {
    async count(room) {
      const { Count = 0 } = await dynamoDb.send(
        new QueryCommand({
          TableName: 'graphql-subscriptions-dev-clients',
          IndexName: 'topic',
          KeyConditionExpression: 'topic = :topic',
          ExpressionAttributeValues: { ':topic': { S: chatTopic(room, 'fr') } },
        }),
      )
      return Count
    },
    close: () => {
      dynamoDb.destroy()
    },
  }
}
