import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { patienceMs } from './patience'
import { stageName } from './stage-name'

export interface Listening {
  readonly dynamoDbEndpoint: string
  readonly topic: string
  readonly subscribers: number
  /** Frames of a subscriber. A time-out's error quotes them, because one may give the reason. */
  readonly received?: readonly string[]
}

const pauseMs = 20

/**
 * Resolves when a topic has at least this many subscribers. It polls the table, because no frame confirms a
 * subscription. Rejects after `patienceMs`.
 */
export async function untilListening(listening: Listening): Promise<void> {
  const { dynamoDbEndpoint, topic, subscribers, received = [] } = listening
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint: dynamoDbEndpoint, region: 'local', credentials })
  const query = new QueryCommand({
    TableName: `${stageName('dev')}-clients`,
    IndexName: 'topic',
    KeyConditionExpression: 'topic = :topic',
    ExpressionAttributeValues: { ':topic': { S: topic } },
  })
  const deadline = Date.now() + patienceMs
  try {
    while (((await client.send(query)).Count ?? 0) < subscribers) {
      if (Date.now() > deadline) {
        throw new Error(`"${topic}" has fewer than ${subscribers} subscribers. Frames: ${received.join('\n')}`)
      }
      await sleep(pauseMs)
    }
  } finally {
    client.destroy()
  }
}
