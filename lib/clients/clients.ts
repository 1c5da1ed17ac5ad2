import * as v from 'valibot'
import { type Identity, identitySchema } from '../identity'
import { type AttributeMap, fromAttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { OperationId } from '../operations/request'
import type { Client } from './client'
import { hasExpired, itemsUnder, maxConnectionSeconds } from './items'
import { type Subprotocol, subprotocols } from '../protocol/subprotocol'
import { announced } from '../presence/changes'
import { membershipOf } from '../presence/departure'
import { keepAliveTopic } from './keep-alive'
import { clientId, clientKey, connectionsTopic, keepAliveId, operationIdOf } from './keys'
import { createSubscriptions, type Subscriptions, type SubscriptionsOptions } from './subscriptions'

export interface NewClient {
  readonly connectionId: string
  readonly callbackUrl: string
  readonly subprotocol: Subprotocol | undefined
  readonly connectedAtMs: number
  /** Whether the server keeps it open while idle, which takes one more item. */
  readonly keptAlive?: boolean
  /** Undefined if `$connect` came without a token. */
  readonly identity?: Identity | undefined
}

/** What a client presents in `connection_init`. */
export interface InitParams {
  readonly identity?: Identity | undefined
  readonly session?: string | undefined
}

/** Connections and their subscriptions: docs/reference/data-model.md. */
export interface Clients extends Subscriptions {
  /** Registers a connection for the longest time that API Gateway keeps it open. */
  register(client: NewClient): Promise<void>

  /** Finds a connection; undefined if it is not registered or has expired. */
  find(connectionId: string): Promise<Client | undefined>

  /**
   * Finds a connection, like `find`, and the ids of its subscriptions. One query, which reads all its items: call it
   * only for an operation that adds a subscription.
   */
  findWithSubscriptions(connectionId: string): Promise<ClientWithSubscriptions>

  /**
   * Acknowledges `connection_init`, and stores the client's identity and session. One conditional write both checks and
   * stores.
   *
   * A connection belongs to the first user whose token it presents, so that `connectionsOf` finds all connections of a
   * user. A token of another user changes nothing.
   *
   * @returns `repeated` if this is a second `connection_init` and the sub-protocol allows only one; `otherUser` if the
   * connection belongs to another user
   */
  acknowledge(
    connectionId: string,
    params: InitParams,
  ): Promise<'acknowledged' | 'repeated' | 'otherUser' | 'unregistered'>

  /**
   * Counts an operation of a connection in the current window of 10 s. Takes one conditional write, or two if messages
   * race into a new window, and none if the connection is over its limit.
   *
   * @returns false if the connection has already started `max` operations in this window; this one is then not counted
   */
  countOperation(client: Client, max: number): Promise<boolean>

  /** Stores a sign of life of a client with a session. It bounds how far back a replay must reach. */
  seen(connectionId: string, atMs: number): Promise<void>

  /** Deletes a connection and all items under it. One query, and one write per item. */
  remove(connectionId: string): Promise<void>

  /** The connections that have presented a token of a user. The index may miss one that did so less than 1 s ago. */
  connectionsOf(subject: string): AsyncGenerator<string>
}

export interface ClientWithSubscriptions {
  /** Undefined if it is not registered or has expired. */
  readonly client: Client | undefined
  readonly operationIds: ReadonlySet<OperationId>
}

const epoch = v.pipe(v.number(), v.integer())

/** The item of a connection. */
const clientItem = v.object({
  connectionId: v.string(),
  callbackUrl: v.string(),
  connectedAtMs: epoch,
  ttl: epoch,
  subprotocol: v.optional(v.picklist(subprotocols)),
  acknowledgedAtMs: v.optional(epoch),
  identity: v.optional(identitySchema),
  session: v.optional(v.string()),
  windowAtSeconds: v.optional(epoch),
  operations: v.optional(v.number()),
})

/** Length of the window in which the operations of a connection are counted. */
const windowSeconds = 10

export function createClients(options: SubscriptionsOptions): Clients {
  const { table, now = Date.now } = options
  return {
    ...createSubscriptions(options),

    async register({ connectionId, callbackUrl, subprotocol, connectedAtMs, identity, keptAlive }) {
      const ttl = Math.floor(connectedAtMs / 1000) + maxConnectionSeconds
      const shown = identity && identified(identity)
      await table.put({ ...clientKey(connectionId), callbackUrl, subprotocol, connectedAtMs, ttl, ...shown })
      if (!keptAlive) return
      const turn = { topic: keepAliveTopic(connectedAtMs), operation: subprotocol ?? 'none', ttl }
      await table.put({ connectionId, id: keepAliveId, ...turn })
    },

    find,

    async findWithSubscriptions(connectionId) {
      const operationIds = new Set<OperationId>()
      let client: Client | undefined
      const ofClient = 'callbackUrl, subprotocol, connectedAtMs, acknowledgedAtMs, windowAtSeconds, operations'
      const projection = `connectionId, id, operation, #session, #identity, #ttl, ${ofClient}`
      for (const item of await itemsUnder(connectionId, table, projection)) {
        const id = textOf(item, 'id')
        const operationId = operationIdOf(id)
        if (id === clientId) client = toClient(item)
        else if (operationId !== undefined && item['operation']) operationIds.add(operationId)
      }
      return { client, operationIds }
    },

    async acknowledge(connectionId, { identity, session }) {
      const set = { acknowledgedAtMs: now(), session, ...(identity && identified(identity)) }
      // the legacy protocol allows any number
      const isLegacy = where`attribute_not_exists(subprotocol) OR subprotocol = ${'graphql-ws'}`
      const isFirst = where`attribute_not_exists(acknowledgedAtMs) OR ${isLegacy}`
      const mayBe = where`#ttl > ${now() / 1000} AND (${isFirst})`
      const condition = identity ? where`${mayBe} AND (${isOf(identity)})` : mayBe
      if (await table.update(clientKey(connectionId), { set }, condition)) return 'acknowledged'
      const client = await find(connectionId)
      if (!client) return 'unregistered'
      return identity && client.identity && client.identity.subject !== identity.subject ? 'otherUser' : 'repeated'
    },

    async countOperation({ connectionId, counted }, max) {
      const window = Math.floor(now() / 1000 / windowSeconds) * windowSeconds
      const isOpen = counted?.windowAtSeconds === window
      if (isOpen && counted.operations >= max) return false
      const key = clientKey(connectionId)
      const isOver = where`attribute_exists(id) AND (attribute_not_exists(windowAtSeconds) OR windowAtSeconds < ${window})`
      const begin = { set: { windowAtSeconds: window, operations: 1 } }
      if (!isOpen && (await table.update(key, begin, isOver))) return true
      const isFree = where`windowAtSeconds = ${window} AND operations < ${max}`
      return (await table.update(key, { add: { operations: 1 } }, isFree)) !== undefined
    },

    async seen(connectionId, atMs) {
      await table.update(clientKey(connectionId), { set: { seenAtMs: atMs } }, where`attribute_exists(#session)`)
    },

    async remove(connectionId) {
      const items = await itemsUnder(connectionId, table, 'connectionId, id, topic, operation')
      const rooms = new Set(items.flatMap((item) => membershipOf(item)?.topic ?? []))
      const keys = items.map((item) => ({ connectionId, id: textOf(item, 'id') }))
      await announced(rooms, () => table.deleteAll(keys), options)
    },

    async *connectionsOf(subject) {
      for await (const items of table.pages({ index: 'topic', keys: where`topic = ${connectionsTopic(subject)}` })) {
        for (const item of items) yield textOf(item, 'connectionId')
      }
    },
  }

  async function find(connectionId: string): Promise<Client | undefined> {
    const item = await table.get(clientKey(connectionId))
    return item && toClient(item)
  }

  function toClient(item: AttributeMap): Client | undefined {
    const { acknowledgedAtMs, windowAtSeconds, operations = 0, ...client } = v.parse(clientItem, fromAttributeMap(item))
    if (hasExpired(item, now(), client.identity?.expiresAtSeconds)) return undefined
    const counted = windowAtSeconds === undefined ? undefined : { windowAtSeconds, operations }
    return { ...client, acknowledged: acknowledgedAtMs !== undefined, counted }
  }
}

/** Holds if the connection has presented no token, or one of the same user. */
function isOf({ subject }: Identity) {
  return where`attribute_not_exists(#identity) OR #identity.subject = ${subject}`
}

/** The attributes that identify the user of a connection. */
function identified(identity: Identity) {
  return { identity: { ...identity }, topic: connectionsTopic(identity.subject) }
}
