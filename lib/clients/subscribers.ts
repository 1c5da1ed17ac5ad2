import * as v from 'valibot'
import { type AttributeMap, fromAttributeMap, textOf } from '../aws/attribute-values'
import type { PageKey, Table } from '../aws/table'
import type { Topic } from '../channels/topic'
import type { OperationId } from '../operations/request'
import { remember } from '../remember'
import { operationItem, readListed, type SharedOperation } from './items'
import { operationIdOf, subscriptionId } from './keys'

/** One place to deliver an event to. */
export interface Subscriber {
  readonly connectionId: string
  readonly operationId: OperationId
  /** Names what the subscription asks for: equal for subscribers that are served alike. */
  readonly operation: string
}

/** Subscribers of a topic, as many as DynamoDB gives at once (1 MB, some 10,000). */
export interface SubscriberPage {
  readonly subscribers: readonly Subscriber[]
  /** Those among them that have outlived their token, or their connection: nothing is for them. */
  readonly expired: readonly Subscriber[]
  /** Absent on the last page. */
  readonly next: PageKey | undefined
}

/** What a fan-out reads and deletes of the clients table: docs/data-model.md. */
export interface Subscribers {
  /** One page of a topic's subscribers, and apart from them those that have expired; the first if `from` is left out. */
  page(topic: Topic, from?: PageKey): Promise<SubscriberPage>

  /**
   * What a subscriber asks for. It is read once in the life of a process, whoever asks for the same; where it has to be read, undefined
   * if the subscriber has unsubscribed since it was found, or asks for something else.
   */
  operationOf(subscriber: Subscriber): Promise<SharedOperation | undefined>
}

/** So many operations are remembered. */
const maxRemembered = 500

/** A longer one is not: one client could fill the memory with them. */
const maxRememberedLength = 20_000

/** @param now the clock in epoch milliseconds: DynamoDB deletes what has expired days late, so every read compares */
export function createSubscribers({ table, now = Date.now }: { table: Table; now?: () => number }): Subscribers {
  const operations = new Map<string, SharedOperation>()

  return {
    async page(topic, from) {
      const query = {
        index: 'topic',
        keys: 'topic = :topic',
        values: { ':topic': topic },
        names: { '#ttl': 'ttl' },
        projection: 'connectionId, id, operation, #ttl',
      }
      const { items, next } = await table.page(query, from)
      const nowSeconds = now() / 1000
      const subscribers: Subscriber[] = []
      const expired: Subscriber[] = []
      for (const item of items) {
        const operationId = operationIdOf(textOf(item, 'id'))
        if (operationId === undefined) continue
        const { operation, expiresAtSeconds } = readListed(textOf(item, 'operation'))
        const isOver = Math.min(Number(textOf(item, 'ttl')), expiresAtSeconds) <= nowSeconds
        ;(isOver ? expired : subscribers).push({ connectionId: textOf(item, 'connectionId'), operationId, operation })
      }
      return { subscribers, expired, next }
    },

    async operationOf({ connectionId, operationId, operation }) {
      const known = operations.get(operation)
      if (known) return known
      // The index may be ahead of a replica of the table, so the read is consistent: one for each operation, not subscriber.
      const item = await table.get({ connectionId, id: subscriptionId(operationId) })
      // What the client asks for under this id may be another thing by now, and others wait for the first.
      if (item?.['topic'] === undefined || readListed(textOf(item, 'operation')).operation !== operation)
        return undefined
      const shared = toSharedOperation(item)
      const length = textOf(item, 'query').length + textOf(item, 'variables').length
      if (length <= maxRememberedLength) remember(operations, operation, shared, maxRemembered)
      return shared
    },
  }
}

function toSharedOperation(item: AttributeMap): SharedOperation {
  const { callbackUrl, dialect, ...request } = v.parse(operationItem, fromAttributeMap(item))
  return { callbackUrl, dialect, request }
}
