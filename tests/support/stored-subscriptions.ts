import { type AttributeValue, DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { Topic } from '../../lib/channels/topic'
import type { ServiceAddresses } from './service'
import { stageName } from './stage-name'

/** Reads the subscriptions that a running service has stored, because neither protocol confirms a subscription. */
export interface StoredSubscriptions {
  /** The ids of the connections that subscribe to a topic, one for each subscription. */
  readonly connectionsTo: (topic: Topic) => Promise<readonly string[]>
  readonly close: () => void
}

export function readStoredSubscriptions(service: Pick<ServiceAddresses, 'dynamoDbEndpoint'>): StoredSubscriptions {
  const dynamoDb = new DynamoDBClient({
    endpoint: service.dynamoDbEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  /**
   * dynalite adds an item to the index before the table, so the service may not find an item yet that the index has.
   * DynamoDB never does that.
   */
  async function isInTable({ connectionId, id }: Record<string, AttributeValue>): Promise<boolean> {
    if (!connectionId || !id) throw new Error('The index projects the keys of the table.')
    const TableName = `${stageName('dev')}-clients`
    const read = new GetItemCommand({ TableName, Key: { connectionId, id }, ConsistentRead: true })
    return (await dynamoDb.send(read)).Item !== undefined
  }

  const connectionsTo: StoredSubscriptions['connectionsTo'] = async (topic) => {
    const { Items = [] } = await dynamoDb.send(
      new QueryCommand({
        TableName: `${stageName('dev')}-clients`,
        IndexName: 'topic',
        KeyConditionExpression: 'topic = :topic',
        ExpressionAttributeValues: { ':topic': { S: topic } },
      }),
    )
    const stored = await Promise.all(Items.map(isInTable))
    return Items.flatMap(({ connectionId }, n) => (stored[n] && connectionId?.S ? [connectionId.S] : []))
  }

  return {
    connectionsTo,
    close: () => {
      dynamoDb.destroy()
    },
  }
}
