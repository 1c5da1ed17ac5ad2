import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import * as v from 'valibot'
import type { Topic } from '../operations/topic'
import type { OperationId } from '../protocol/client-message'
import { deleteItems } from './delete-items'
import {
  clientItem,
  operationHash,
  operationItem,
  type SharedOperation,
  storedVariables,
  subscriberItem,
  type Subprotocol,
} from './items'
import { clientId, operationIdOf, subscriptionId } from './keys'

/** API Gateway ends every connection after two hours ("Quotas for WebSocket APIs"); that cannot be raised. */
const maxConnectionSeconds = 2 * 60 * 60

/**
 * How long a `stop` that found nothing is remembered. The `start` that it belongs to is still running, and API Gateway gives
 * that 29 s.
 */
const stopRememberedSeconds = 120

/** A connection that is registered and has not expired. */
export interface Client {
  readonly connectionId: string
  readonly callbackUrl: string
  readonly subprotocol: Subprotocol | undefined
  /** Whether its `connection_init` has been answered. */
  readonly acknowledged: boolean
  /** Epoch seconds after which nothing is sent to it. */
  readonly ttl: number
}

/** One place to deliver an event to. */
export interface Subscriber {
  readonly connectionId: string
  readonly operationId: OperationId
  /** Names what the subscription asks for: equal for subscribers that are served alike. */
  readonly operation: string
}

export interface NewClient {
  readonly connectionId: string
  readonly callbackUrl: string
  readonly subprotocol: Subprotocol | undefined
  readonly connectedAtMs: number
}

export interface NewSubscription {
  readonly client: Client
  readonly operationId: OperationId
  /** At least one. */
  readonly topics: readonly Topic[]
  readonly shared: SharedOperation
  /** What becomes of a subscription that has the id already: it is replaced, unless this says `refuse`. */
  readonly whenInUse?: 'replace' | 'refuse'
  /** When API Gateway received the message: the order of a connection's messages, whatever order their Lambdas run in. */
  readonly receivedAtMs: number
}

export interface Unsubscription {
  readonly connectionId: string
  readonly operationId: OperationId
  readonly receivedAtMs: number
}

/** Who is connected, and who subscribed to what: docs/data-model.md. */
export type Clients = ReturnType<typeof createClients>

/**
 * @param now the clock in epoch milliseconds: DynamoDB deletes what has expired days late, so every read compares
 * @param pageSize how many subscribers a page of the index holds at the most; left out, as many as DynamoDB puts into 1 MB
 */
export function createClients({
  documents,
  tableName: TableName,
  now = Date.now,
  pageSize,
}: {
  documents: DynamoDBDocumentClient
  tableName: string
  now?: () => number
  pageSize?: number
}) {
  const expired = (ttl: number) => ttl <= now() / 1000

  return {
    /** Registers a connection for as long as API Gateway lets it live. */
    async register({ connectionId, callbackUrl, subprotocol, connectedAtMs }: NewClient): Promise<void> {
      const ttl = Math.floor(connectedAtMs / 1000) + maxConnectionSeconds
      const Item = { connectionId, id: clientId, callbackUrl, subprotocol, connectedAtMs, ttl }
      await documents.send(new PutCommand({ TableName, Item }))
    },

    /** The connection; undefined if it is not registered, or no longer. */
    async find(connectionId: string): Promise<Client | undefined> {
      const Key = { connectionId, id: clientId }
      const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
      return Item && toClient(Item)
    },

    /** Whether a subscription of the connection has this id. One read, however many others it has. */
    async hasSubscription(connectionId: string, operationId: OperationId): Promise<boolean> {
      const Key = { connectionId, id: subscriptionId(operationId) }
      const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
      return Item?.['topic'] !== undefined
    },

    /** The ids of the connection's subscriptions. It reads them all, so ask only when one more is about to come. */
    async subscriptionsOf(connectionId: string): Promise<ReadonlySet<OperationId>> {
      const operationIds = new Set<OperationId>()
      for await (const { id, topic } of itemsOf(connectionId)) {
        const operationId = operationIdOf(String(id))
        if (operationId !== undefined && topic !== undefined) operationIds.add(operationId)
      }
      return operationIds
    },

    /**
     * Notes that `connection_init` is answered. One conditional write is the check and the note.
     *
     * @returns `repeated` if the sub-protocol allows one `connection_init` only and this is another
     */
    async acknowledge(connectionId: string): Promise<'acknowledged' | 'repeated' | 'unregistered'> {
      try {
        await documents.send(
          new UpdateCommand({
            TableName,
            Key: { connectionId, id: clientId },
            UpdateExpression: 'SET acknowledgedAtMs = :now',
            ConditionExpression:
              '#ttl > :seconds AND (attribute_not_exists(acknowledgedAtMs) OR attribute_not_exists(subprotocol) OR subprotocol = :legacy)',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: { ':now': now(), ':seconds': now() / 1000, ':legacy': 'graphql-ws' },
          }),
        )
        return 'acknowledged'
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
        return (await this.find(connectionId)) ? 'repeated' : 'unregistered'
      }
    },

    /**
     * Stores a subscription under its client, with the client's `ttl`, so that it goes with it even if `$disconnect` has run.
     *
     * The item of the first topic decides: the others are there before it comes, and go if it may not come.
     *
     * @returns nothing is stored if it is `superseded`, because a later message has stopped the id or started it again, or if
     * another subscription has the id and may keep it (`inUse`)
     */
    async subscribe(subscription: NewSubscription): Promise<'stored' | 'superseded' | 'inUse'> {
      const { client, operationId, topics, shared, whenInUse = 'replace', receivedAtMs } = subscription
      const { connectionId, ttl } = client
      const [first, ...further] = topics.map((topic, n) => ({
        connectionId,
        id: subscriptionId(operationId, n),
        topic,
        operation: operationHash(shared),
        ttl,
        receivedAtMs,
      }))
      if (!first) throw new RangeError('A subscription needs a topic.')
      for (const item of further) await putIfNewer(item)
      const { callbackUrl, dialect, request } = shared
      const variables = storedVariables(request.variables)
      const deciding = { ...first, topics: topics.length, callbackUrl, dialect, ...request, variables }
      const old = await (whenInUse === 'replace' ? putIfNewer(deciding) : putIfFree(deciding))
      if (old === 'newer' || old === 'inUse') {
        for (const item of further) await deleteIfSame(item)
        return old === 'inUse' ? old : 'superseded'
      }
      await deleteFurther({ connectionId, operationId, from: topics.length, to: old.topics })
      return 'stored'
    },

    /**
     * Ends a subscription. If it is not there yet, because its `start` is still running, that will find out.
     * A subscription that began later under the same id stays.
     */
    async unsubscribe({ connectionId, operationId, receivedAtMs }: Unsubscription): Promise<void> {
      const id = subscriptionId(operationId)
      try {
        const { Attributes } = await documents.send(
          new DeleteCommand({
            TableName,
            Key: { connectionId, id },
            ConditionExpression: 'attribute_exists(topic) AND receivedAtMs <= :receivedAtMs',
            ExpressionAttributeValues: { ':receivedAtMs': receivedAtMs },
            ReturnValues: 'ALL_OLD',
          }),
        )
        await deleteFurther({ connectionId, operationId, from: 1, to: topicCount(Attributes) })
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
        const ttl = Math.floor(now() / 1000) + stopRememberedSeconds
        await putIfNewer({ connectionId, id, receivedAtMs, ttl })
      }
    },

    /** Deletes a connection and everything under it: one query, and as many writes as it deletes. */
    async remove(connectionId: string): Promise<void> {
      const keys: { connectionId: string; id: string }[] = []
      for await (const { id } of itemsOf(connectionId)) keys.push({ connectionId, id: String(id) })
      await deleteItems({ documents, TableName, keys })
    },

    /** The subscribers of a topic that have not expired, page by page as DynamoDB gives them (up to 1 MB). */
    async *subscribers(topic: Topic): AsyncGenerator<readonly Subscriber[]> {
      const pages = paginateQuery(
        { client: documents },
        {
          TableName,
          IndexName: 'topic',
          KeyConditionExpression: 'topic = :topic',
          ExpressionAttributeValues: { ':topic': topic },
          Limit: pageSize,
        },
      )
      for await (const { Items = [] } of pages) yield Items.flatMap(toSubscriber)
    },

    /** What a subscriber asks for; undefined if it has unsubscribed since it was found. */
    async operationOf({ connectionId, operationId }: Subscriber): Promise<SharedOperation | undefined> {
      const Key = { connectionId, id: subscriptionId(operationId) }
      const { Item } = await documents.send(new GetCommand({ TableName, Key }))
      if (Item?.['topic'] === undefined) return undefined
      const { callbackUrl, dialect, query, variables, operationName } = v.parse(operationItem, Item)
      return { callbackUrl, dialect, request: { query, variables, operationName } }
    },
  }

  async function* itemsOf(connectionId: string): AsyncGenerator<Record<string, unknown>> {
    const pages = paginateQuery(
      { client: documents },
      {
        TableName,
        KeyConditionExpression: 'connectionId = :connectionId',
        ExpressionAttributeValues: { ':connectionId': connectionId },
        ProjectionExpression: 'connectionId, id, topic',
        ConsistentRead: true,
      },
    )
    for await (const { Items = [] } of pages) yield* Items
  }

  function toClient(item: Record<string, unknown>): Client | undefined {
    const { connectionId, callbackUrl, subprotocol, acknowledgedAtMs, ttl } = v.parse(clientItem, item)
    if (expired(ttl)) return undefined
    return { connectionId, callbackUrl, subprotocol, acknowledged: acknowledgedAtMs !== undefined, ttl }
  }

  function toSubscriber(item: Record<string, unknown>): Subscriber[] {
    const { connectionId, id, operation, ttl } = v.parse(subscriberItem, item)
    const operationId = operationIdOf(id)
    return operationId === undefined || expired(ttl) ? [] : [{ connectionId, operationId, operation }]
  }

  /** Of two messages that arrived in the same millisecond, a `stop` (an item without a topic) is taken to be the later. */
  function putIfNewer(item: OrderedItem): Promise<'newer' | { readonly topics: number }> {
    return putIf(
      'attribute_not_exists(id) OR receivedAtMs < :receivedAtMs OR (receivedAtMs = :receivedAtMs AND attribute_exists(topic))',
      item,
    )
  }

  /** Takes the place of no subscription, only of an earlier `stop`. */
  async function putIfFree(item: OrderedItem): Promise<'newer' | 'inUse' | { readonly topics: number }> {
    const old = await putIf(
      'attribute_not_exists(id) OR (attribute_not_exists(topic) AND receivedAtMs < :receivedAtMs)',
      item,
    )
    if (old !== 'newer') return old
    const Key = { connectionId: item.connectionId, id: item.id }
    const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
    return Item?.['topic'] === undefined ? 'newer' : 'inUse'
  }

  async function putIf(ConditionExpression: string, Item: OrderedItem): Promise<'newer' | { readonly topics: number }> {
    try {
      const { Attributes } = await documents.send(
        new PutCommand({
          TableName,
          Item,
          ConditionExpression,
          ExpressionAttributeValues: { ':receivedAtMs': Item.receivedAtMs },
          ReturnValues: 'ALL_OLD',
        }),
      )
      return { topics: topicCount(Attributes) }
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'newer'
      throw error
    }
  }

  async function deleteIfSame({ connectionId, id, receivedAtMs }: OrderedItem): Promise<void> {
    try {
      await documents.send(
        new DeleteCommand({
          TableName,
          Key: { connectionId, id },
          ConditionExpression: 'receivedAtMs = :receivedAtMs',
          ExpressionAttributeValues: { ':receivedAtMs': receivedAtMs },
        }),
      )
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
    }
  }

  async function deleteFurther({
    connectionId,
    operationId,
    from,
    to,
  }: {
    connectionId: string
    operationId: OperationId
    from: number
    to: number
  }): Promise<void> {
    const keys = []
    for (let n = from; n < to; n++) keys.push({ connectionId, id: subscriptionId(operationId, n) })
    await deleteItems({ documents, TableName, keys })
  }
}

/** An item whose place a later message may take. */
interface OrderedItem extends Readonly<Record<string, unknown>> {
  readonly connectionId: string
  readonly id: string
  readonly receivedAtMs: number
}

/** How many topics, and so how many items, an item that was replaced or deleted stood for. */
function topicCount(item: Record<string, unknown> | undefined): number {
  return typeof item?.['topics'] === 'number' ? item['topics'] : 0
}
