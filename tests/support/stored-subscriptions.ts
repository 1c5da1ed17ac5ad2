import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { channelTopic, taggedTopic } from '../../lib/channels/topic'
import type { ServiceAddresses } from './service'
import { stageName } from './stage-name'

/** What a running service has stored: no frame of either protocol says that a subscription is in place. */
export interface StoredSubscriptions {
  /** The connections that listen to the translations of a room into a language, French or all (null), one for each subscription. */
  readonly connectionsIn: (room: string, language?: string | null) => Promise<readonly string[]>
  readonly close: () => void
}

export function readStoredSubscriptions(service: Pick<ServiceAddresses, 'dynamoDbEndpoint'>): StoredSubscriptions {
  const dynamoDb = new DynamoDBClient({
    endpoint: service.dynamoDbEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  return {
    async connectionsIn(room, language = 'fr') {
      const chat = channelTopic('chat', room)
      const { Items = [] } = await dynamoDb.send(
        new QueryCommand({
          TableName: `${stageName('dev')}-clients`,
          IndexName: 'topic',
          KeyConditionExpression: 'topic = :topic',
          ExpressionAttributeValues: { ':topic': { S: language === null ? chat : taggedTopic(chat, language) } },
        }),
      )
      return Items.map(({ connectionId }) => connectionId?.S ?? '')
    },
    close: () => {
      dynamoDb.destroy()
    },
  }
}
