import * as v from 'valibot'
import type { Identity } from '../identity'
import { type AttributeMap, fromAttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { OperationId } from '../operations/request'
import type { Client } from './client'
import { clientItem, itemsUnder, maxConnectionSeconds } from './items'
import type { Subprotocol } from '../protocol/subprotocol'
import { membershipOf } from '../presence/departure'
import { keepAliveTopic } from './keep-alive'
import { clientId, clientKey, connectionsTopic, keepAliveId, operationIdOf } from './keys'
import { createSubscriptions, type Subscriptions, type SubscriptionsOptions } from './subscriptions'

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

/** What a client has shown of itself with `connection_init`. */
export interface InitParams {
  readonly identity?: Identity | undefined
  readonly session?: string | undefined
}

/** Who is connected, and who subscribed to what: docs/reference/data-model.md. */
export interface Clients extends Subscriptions {
  /** Registers a connection for as long as API Gateway lets it live. */
  register(client: NewClient): Promise<void>

  /** The connection; undefined if it is not registered, or no longer. */
  find(connectionId: string): Promise<Client | undefined>

  /**
   * The connection, as `find` has it, and the ids of its subscriptions. One query, which reads them all, so ask only when one more
   * is about to come.
   */
  findWithSubscriptions(connectionId: string): Promise<ClientWithSubscriptions>

  /**
   * Notes that `connection_init` is answered, who the client has shown to be with it, and its session. One conditional write is
   * the check and the note.
   *
   * A connection belongs to the first user that it has shown, so that `connectionsOf` finds all that the user has: a token of another
   * one changes nothing.
   *
   * @returns `repeated` if the sub-protocol allows one `connection_init` only and this is another, `otherUser` if the connection belongs
   * to another user
   */
  acknowledge(connectionId: string, params?: InitParams): Promise<Acknowledgement>

  /**
   * Counts an operation of a connection in the present window of ten seconds: one conditional write, or two where messages race
   * into a new window. A connection that is over its limit costs none.
   *
   * @returns false if it has begun `max` operations in this window already; this one is not counted then
   */
  countOperation(client: Client, max: number): Promise<boolean>

  /** Notes a sign of life, for what has a session: how far back a cut may have been. */
  seen(connectionId: string, atMs: number): Promise<void>

  /** Deletes a connection and everything under it, for good: one query, and as many writes as it deletes. */
  remove(connectionId: string): Promise<void>

  /** The connections that have shown a token of this user. The index may lack one that did so less than a second ago. */
  connectionsOf(subject: string): AsyncGenerator<string>
}

export type Acknowledgement = 'acknowledged' | 'repeated' | 'otherUser' | 'unregistered'

export interface ClientWithSubscriptions {
  readonly client: Client | undefined
  readonly operationIds: ReadonlySet<OperationId>
}

/** The operations of a connection are counted in windows of so long. */
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
      for (const item of await itemsOf(connectionId)) {
        const id = textOf(item, 'id')
        const operationId = operationIdOf(id)
        if (id === clientId) client = toClient(item)
        else if (operationId !== undefined && item['operation']) operationIds.add(operationId)
      }
      return { client, operationIds }
    },

    async acknowledge(connectionId, { identity, session } = {}) {
      const set = { acknowledgedAtMs: now(), session, ...(identity && identified(identity)) }
      const isLegacy = where`attribute_not_exists(subprotocol) OR subprotocol = ${'graphql-ws'}` // which allows any number
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
      for (const room of rooms) await options.announce?.(room)
      await table.deleteAll(items.map((item) => ({ connectionId, id: textOf(item, 'id') })))
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

  function itemsOf(connectionId: string): Promise<readonly AttributeMap[]> {
    const ofClient = 'callbackUrl, subprotocol, connectedAtMs, acknowledgedAtMs, windowAtSeconds, operations'
    return itemsUnder(connectionId, table, `connectionId, id, operation, #session, #identity, #ttl, ${ofClient}`)
  }

  function toClient(item: AttributeMap): Client | undefined {
    const { acknowledgedAtMs, windowAtSeconds, operations = 0, ...client } = v.parse(clientItem, fromAttributeMap(item))
    if (Math.min(client.ttl, client.identity?.expiresAtSeconds ?? Infinity) <= now() / 1000) return undefined
    const counted = windowAtSeconds === undefined ? undefined : { windowAtSeconds, operations }
    return { ...client, acknowledged: acknowledgedAtMs !== undefined, counted }
  }
}

/** That a connection has shown no token, or one of the same user. */
function isOf({ subject }: Identity) {
  return where`attribute_not_exists(#identity) OR #identity.subject = ${subject}`
}

/** What the item of a client has of who it has shown to be. */
function identified(identity: Identity) {
  return { identity: { ...identity }, topic: connectionsTopic(identity.subject) }
}
