import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb'
import * as v from 'valibot'
import { channelTopic } from '../lib/channels/topic'
import type { Cloud } from './cloud'

const event = v.object({ sourceText: v.string(), language: v.string(), error: v.nullable(v.string()) })

const logEntry = v.object({
  sequence: v.number(),
  eventId: v.string(),
  event: v.pipe(v.string(), v.parseJson(), event),
})

export type LogEntry = Readonly<v.InferOutput<typeof logEntry>>

/** What is in the tables, seen past all faults. */
export interface Tables {
  /** The log of a chat, in its order. */
  readonly logOf: (chatId: string) => Promise<readonly LogEntry[]>
  readonly clientItems: () => Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Resolves when as many subscriptions to all of a chat are in the index, so that what is said from now on reaches them. */
  readonly untilSubscribed: (chatId: string, count: number) => Promise<void>
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
    async logOf(chatId) {
      const entries: LogEntry[] = []
      const pages = paginateQuery(
        { client },
        {
          TableName: 'messages',
          KeyConditionExpression: 'topic = :topic AND #sequence > :none',
          ExpressionAttributeNames: { '#sequence': 'sequence' },
          ExpressionAttributeValues: { ':topic': channelTopic('chat', chatId), ':none': 0 },
          ConsistentRead: true,
        },
      )
      for await (const { Items = [] } of pages) entries.push(...Items.map((item) => v.parse(logEntry, item)))
      return entries
    },

    clientItems,

    async untilSubscribed(chatId, count) {
      for (;;) {
        const items = await clientItems()
        if (items.filter(({ topic }) => topic === channelTopic('chat', chatId)).length >= count) return
        await sleep(betweenLooksMs)
      }
    },

    close: () => {
      client.destroy()
    },
  }
}
