import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { patienceMs } from './patience'
import { stageName } from './stage-name'

export interface Listening {
  readonly dynamoDbEndpoint: string
  readonly topic: string
  readonly subscribers: number
  /** Frames of a subscriber that stand in the error if it does not come to that: one of them may say why. */
  readonly received?: readonly string[]
}

const pauseMs = 20

/** Resolves when a topic has that many subscribers: no frame tells a client that its subscription is stored. */
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
