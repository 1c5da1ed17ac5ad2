import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb'
import * as v from 'valibot'
import type { Topic } from '../lib/channels/topic'
import type { ChaosClient } from './clients'
import type { Cloud } from './cloud'

const logEntry = v.object({
  sequence: v.number(),
  eventId: v.string(),
  event: v.pipe(v.string(), v.parseJson(), v.object({ text: v.string() })),
})

export type LogEntry = Readonly<v.InferOutput<typeof logEntry>>

/** The contents of the tables, read without faults. */
export interface Tables {
  /** A log, in order. */
  readonly logOf: (topic: Topic) => Promise<readonly LogEntry[]>
  readonly clientItems: () => Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Resolves once the index lists all the clients' subscriptions, so that events published from now on reach them. */
  readonly untilSubscribed: (clients: readonly Pick<ChaosClient, 'heard'>[]) => Promise<void>
  readonly close: () => void
}

const betweenLooksMs = 50

export function openTables({ dynamoDbEndpoint: endpoint }: Pick<Cloud, 'dynamoDbEndpoint'>): Tables {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: 'us-east-1', credentials }))
  const clientItems = async () => {
    const items: Readonly<Record<string, unknown>>[] = []
    for await (const { Items = [] } of paginateScan({ client }, { TableName: 'clients', ConsistentRead: true })) {
      items.push(...Items)
    }
    return items
  }

  return {
    async logOf(topic) {
      const entries: LogEntry[] = []
      const pages = paginateQuery(
        { client },
        {
          TableName: 'messages',
          KeyConditionExpression: 'topic = :topic AND #sequence > :none',
          ExpressionAttributeNames: { '#sequence': 'sequence' },
          ExpressionAttributeValues: { ':topic': topic, ':none': 0 },
          ConsistentRead: true,
        },
      )
      for await (const { Items = [] } of pages) entries.push(...Items.map((item) => v.parse(logEntry, item)))
      return entries
    },

    clientItems,

    async untilSubscribed(clients) {
      for (;;) {
        const missing = clients.flatMap(({ heard }): unknown[] => [...heard.keys()])
        for (const { topic } of await clientItems()) {
          const index = missing.indexOf(topic)
          if (index >= 0) missing.splice(index, 1)
        }
        if (missing.length === 0) return
        await sleep(betweenLooksMs)
      }
    },

    close: () => {
      client.destroy()
    },
  }
}
