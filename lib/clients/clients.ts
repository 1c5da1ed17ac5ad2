import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import {
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import * as v from 'valibot'
import type { Identity } from '../authentication/identity'
import { type Topic, topic } from '../operations/topic'
import type { OperationId } from '../protocol/client-message'
import { deleteItems } from './delete-items'
import {
  clientItem,
  type ItemKey,
  itemKey,
  operationHash,
  type SharedOperation,
  storedVariables,
  type Subprotocol,
} from './items'
import { keepAliveTopic } from './keep-alive'
import { clientId, keepAliveId, operationIdOf, subscriptionId } from './keys'

/** API Gateway ends every connection after two hours ("Quotas for WebSocket APIs"); that cannot be raised. */
const maxConnectionSeconds = 2 * 60 * 60

/**
 * How long a `stop` that found nothing is remembered. The `start` that it belongs to is still running, and API Gateway gives
 * that 29 s.
 */
const stopRememberedSeconds = 120

/** Of the count of a connection's operations. */
const windowSeconds = 10

/** A connection that is registered and has not expired. */
export interface Client {
  readonly connectionId: string
  readonly callbackUrl: string
  readonly subprotocol: Subprotocol | undefined
  /** Whether its `connection_init` has been answered. */
  readonly acknowledged: boolean
  /** Who it has shown to be; undefined if it has shown no token. */
  readonly identity: Identity | undefined
  /** Names what outlasts its connections, if it has given a `clientId`: see `Sessions`. */
  readonly session?: string | undefined
  /** How many operations it has begun in which window; undefined if nobody has counted. */
  readonly counted: { readonly windowAtSeconds: number; readonly operations: number } | undefined
  /** Epoch seconds after which nothing is sent to it: when API Gateway ends it, or when its token expires, if that is earlier. */
  readonly ttl: number
}

export interface NewClient {
  readonly connectionId: string
  readonly callbackUrl: string
  readonly subprotocol: Subprotocol | undefined
  readonly connectedAtMs: number
  /** Whether it is kept open when there is nothing to send: one more item. */
  readonly keptAlive?: boolean
  /** Left out if `$connect` came without a token. */
  readonly identity?: Identity | undefined
}

export interface NewSubscription {
  readonly client: Client
  readonly operationId: OperationId
  /** At least one. */
  readonly topics: readonly Topic[]
  /** The topic that names the log of its events; the first one if left out. */
  readonly log?: Topic
  /** Whether it is kept out of the index: events reach it when it is released, after a replay. */
  readonly held?: boolean
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
 */
export function createClients({
  documents,
  tableName: TableName,
  now = Date.now,
}: {
  documents: DynamoDBDocumentClient
  tableName: string
  now?: () => number
}) {
  const expired = (ttl: number) => ttl <= now() / 1000

  return {
    /** Registers a connection for as long as API Gateway lets it live. */
    async register({ connectionId, callbackUrl, subprotocol, connectedAtMs, identity, keptAlive }: NewClient) {
      const ttl = expiryOf({ connectedAtMs, identity })
      const Item = {
        connectionId,
        id: clientId,
        callbackUrl,
        subprotocol,
        connectedAtMs,
        ttl,
        ...(identity && { identity, topic: connectionsTopic(identity.subject) }),
      }
      await documents.send(new PutCommand({ TableName, Item }))
      if (!keptAlive) return
      const topic = keepAliveTopic(connectedAtMs)
      const turn = { connectionId, id: keepAliveId, topic, operation: subprotocol ?? 'none', ttl }
      await documents.send(new PutCommand({ TableName, Item: turn }))
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
      return Item?.['operation'] !== undefined
    },

    /**
     * The connection, as `find` has it, and the ids of its subscriptions. One query, which reads them all, so ask only when one more
     * is about to come.
     */
    async findWithSubscriptions(
      connectionId: string,
    ): Promise<{ readonly client: Client | undefined; readonly operationIds: ReadonlySet<OperationId> }> {
      const operationIds = new Set<OperationId>()
      let client: Client | undefined
      for await (const item of itemsOf(connectionId)) {
        const operationId = operationIdOf(String(item['id']))
        if (item['id'] === clientId) client = toClient(item)
        else if (operationId !== undefined && item['operation'] !== undefined) operationIds.add(operationId)
      }
      return { client, operationIds }
    },

    /**
     * Notes that `connection_init` is answered, who the client has shown to be with it, and its session. One conditional write is
     * the check and the note.
     *
     * @returns `repeated` if the sub-protocol allows one `connection_init` only and this is another
     */
    async acknowledge(
      connectionId: string,
      { identity, session }: { readonly identity?: Identity | undefined; readonly session?: string | undefined } = {},
    ): Promise<'acknowledged' | 'repeated' | 'unregistered'> {
      const shown = identity && (await identifying(connectionId, identity))
      if (shown === 'unregistered') return shown
      try {
        await documents.send(
          new UpdateCommand({
            TableName,
            Key: { connectionId, id: clientId },
            UpdateExpression: [
              'SET acknowledgedAtMs = :now',
              ...(shown ? ['#identity = :identity, #topic = :topic, #ttl = :ttl'] : []),
              ...(session === undefined ? [] : ['#session = :session']),
            ].join(', '),
            ConditionExpression:
              '#ttl > :seconds AND (attribute_not_exists(acknowledgedAtMs) OR attribute_not_exists(subprotocol) OR subprotocol = :legacy)',
            ExpressionAttributeNames: {
              '#ttl': 'ttl',
              ...(shown && { '#identity': 'identity', '#topic': 'topic' }),
              ...(session !== undefined && { '#session': 'session' }),
            },
            ExpressionAttributeValues: {
              ':now': now(),
              ':seconds': now() / 1000,
              ':legacy': 'graphql-ws',
              ...shown,
              ...(session !== undefined && { ':session': session }),
            },
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
      const { client, operationId, topics, shared, whenInUse = 'replace', receivedAtMs, held = false } = subscription
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
      if (!held) for (const item of further) await putIfNewer(item)
      const { callbackUrl, dialect, request } = shared
      const variables = storedVariables(request.variables)
      const asked = {
        callbackUrl,
        dialect,
        ...request,
        variables,
        topics,
        log: subscription.log ?? first.topic,
      }
      const deciding = { ...first, ...asked, ...(held && { topic: undefined, replaying: true }) }
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
            ConditionExpression: 'attribute_exists(operation) AND receivedAtMs <= :receivedAtMs',
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

    /**
     * Counts an operation of a connection in the present window of ten seconds: one conditional write, or two where messages race
     * into a new window. A connection that is over its limit costs none.
     *
     * @returns false if it has begun `max` operations in this window already; this one is not counted then
     */
    async countOperation({ connectionId, counted }: Client, max: number): Promise<boolean> {
      const windowAtSeconds = Math.floor(now() / 1000 / windowSeconds) * windowSeconds
      const open = counted?.windowAtSeconds === windowAtSeconds
      if (open && counted.operations >= max) return false
      const begin = () =>
        updateIf({
          connectionId,
          UpdateExpression: 'SET windowAtSeconds = :window, operations = :one',
          ConditionExpression:
            'attribute_exists(id) AND (attribute_not_exists(windowAtSeconds) OR windowAtSeconds < :window)',
          values: { ':window': windowAtSeconds, ':one': 1 },
        })
      const add = () =>
        updateIf({
          connectionId,
          UpdateExpression: 'ADD operations :one',
          ConditionExpression: 'windowAtSeconds = :window AND operations < :max',
          values: { ':window': windowAtSeconds, ':one': 1, ':max': max },
        })
      return (!open && (await begin())) || add()
    },

    /** Notes a sign of life, for what has a session: how far back a cut may have been. */
    async seen(connectionId: string, atMs: number): Promise<void> {
      await updateIf({
        connectionId,
        UpdateExpression: 'SET seenAtMs = :at',
        ConditionExpression: 'attribute_exists(#session)',
        names: { '#session': 'session' },
        values: { ':at': atMs },
      })
    },

    /** Deletes a connection and everything under it, for good: one query, and as many writes as it deletes. */
    async remove(connectionId: string): Promise<void> {
      const keys: ItemKey[] = []
      for await (const { id } of itemsOf(connectionId)) keys.push({ connectionId, id: String(id) })
      await deleteItems({ keys, deleteBatch })
    },

    /** The connections that have shown a token of this user. The index may lack one that did so less than a second ago. */
    async *connectionsOf(subject: string): AsyncGenerator<string> {
      const pages = paginateQuery(
        { client: documents },
        {
          TableName,
          IndexName: 'topic',
          KeyConditionExpression: 'topic = :topic',
          ExpressionAttributeValues: { ':topic': connectionsTopic(subject) },
        },
      )
      for await (const { Items = [] } of pages) for (const item of Items) yield String(item['connectionId'])
    },
  }

  async function updateIf({
    connectionId,
    UpdateExpression,
    ConditionExpression,
    values,
    names,
  }: {
    connectionId: string
    UpdateExpression: string
    ConditionExpression: string
    values: Record<string, number>
    names?: Record<string, string>
  }): Promise<boolean> {
    try {
      await documents.send(
        new UpdateCommand({
          TableName,
          Key: { connectionId, id: clientId },
          UpdateExpression,
          ConditionExpression,
          ExpressionAttributeValues: values,
          ExpressionAttributeNames: names,
        }),
      )
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw error
    }
  }

  /** What `acknowledge` sets of an identity. The token cannot make the connection live longer than API Gateway does. */
  async function identifying(connectionId: string, identity: Identity) {
    const Key = { connectionId, id: clientId }
    const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
    if (!Item) return 'unregistered'
    const { connectedAtMs } = v.parse(clientItem, Item)
    return {
      ':identity': identity,
      ':topic': connectionsTopic(identity.subject),
      ':ttl': expiryOf({ connectedAtMs, identity }),
    }
  }

  async function* itemsOf(connectionId: string): AsyncGenerator<Record<string, unknown>> {
    const pages = paginateQuery(
      { client: documents },
      {
        TableName,
        KeyConditionExpression: 'connectionId = :connectionId',
        ExpressionAttributeValues: { ':connectionId': connectionId },
        ExpressionAttributeNames: { '#ttl': 'ttl', '#identity': 'identity', '#session': 'session' },
        ProjectionExpression:
          'connectionId, id, operation, #session, callbackUrl, subprotocol, connectedAtMs, acknowledgedAtMs, #identity, windowAtSeconds, operations, #ttl',
        ConsistentRead: true,
      },
    )
    for await (const { Items = [] } of pages) yield* Items
  }

  function toClient(item: Record<string, unknown>): Client | undefined {
    const { acknowledgedAtMs, windowAtSeconds, operations, ttl, ...rest } = v.parse(clientItem, item)
    if (expired(ttl)) return undefined
    const counted = windowAtSeconds === undefined ? undefined : { windowAtSeconds, operations: operations ?? 0 }
    const acknowledged = acknowledgedAtMs !== undefined
    const { connectionId, callbackUrl, subprotocol, identity, session } = rest
    return { connectionId, callbackUrl, subprotocol, acknowledged, identity, session, counted, ttl }
  }

  /** Of two messages that arrived in the same millisecond, a `stop` (an item without an operation) is taken to be the later. */
  function putIfNewer(item: OrderedItem): Promise<'newer' | { readonly topics: number }> {
    return putIf(
      'attribute_not_exists(id) OR receivedAtMs < :receivedAtMs OR (receivedAtMs = :receivedAtMs AND attribute_exists(operation))',
      item,
    )
  }

  /** Takes the place of no subscription, only of an earlier `stop`. */
  async function putIfFree(item: OrderedItem): Promise<'newer' | 'inUse' | { readonly topics: number }> {
    const old = await putIf(
      'attribute_not_exists(id) OR (attribute_not_exists(operation) AND receivedAtMs < :receivedAtMs)',
      item,
    )
    if (old !== 'newer') return old
    const Key = { connectionId: item.connectionId, id: item.id }
    const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))
    return Item?.['operation'] === undefined ? 'newer' : 'inUse'
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
    await deleteItems({ keys, deleteBatch })
  }

  async function deleteBatch(keys: readonly ItemKey[]): Promise<readonly ItemKey[]> {
    const requests = keys.map((Key) => ({ DeleteRequest: { Key } }))
    const { UnprocessedItems = {} } = await documents.send(
      new BatchWriteCommand({ RequestItems: { [TableName]: requests } }),
    )
    return (UnprocessedItems[TableName] ?? []).flatMap(({ DeleteRequest }) =>
      DeleteRequest?.Key ? [v.parse(itemKey, DeleteRequest.Key)] : [],
    )
  }
}

/** An item whose place a later message may take. */
interface OrderedItem extends Readonly<Record<string, unknown>> {
  readonly connectionId: string
  readonly id: string
  readonly receivedAtMs: number
}

/** The topic under which the index has a user's connections: the items of clients, among which no subscription is. */
function connectionsTopic(subject: string): Topic {
  return topic('connections', subject)
}

/** When a connection is over, in epoch seconds: when API Gateway ends it, or when its token expires, if that is earlier. */
function expiryOf({ connectedAtMs, identity }: Pick<NewClient, 'connectedAtMs' | 'identity'>): number {
  const longest = Math.floor(connectedAtMs / 1000) + maxConnectionSeconds
  return identity ? Math.min(longest, identity.expiresAtSeconds) : longest
}

/** How many topics, and so how many items, an item that was replaced or deleted stood for. */
function topicCount(item: Record<string, unknown> | undefined): number {
  return Array.isArray(item?.['topics']) ? item['topics'].length : 0
}
