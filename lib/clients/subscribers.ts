import { textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { PageKey, TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'
import { remember } from '../remember'
import { hasExpired, itemsUnder, readListed, type SharedOperation, topicsOf } from './items'
import { connectionsTopic, operationIdOf, subscribedAs } from './keys'
import { createStoredSubscriptions } from './stored-subscriptions'
import type { Subscriber } from './subscriber'

/** One page of a topic's subscribers, as large as DynamoDB returns it (1 MB, about 10,000). */
export interface SubscriberPage {
  readonly subscribers: readonly Subscriber[]
  /** Subscribers whose token or connection has expired. They receive nothing. */
  readonly expired: readonly Subscriber[]
  /** Absent on the last page. */
  readonly next: PageKey | undefined
}

/** The reads of a fan-out on the clients table: docs/reference/data-model.md. */
export interface Subscribers {
  /** Reads one page of a topic's subscribers, expired ones apart; the first page without `from`. */
  page(topic: Topic, from?: PageKey): Promise<SubscriberPage>

  /**
   * Like `page`, but only for connections that have presented a token of a user. Includes subscriptions that wait for a
   * replay. A page costs one query of the index, and one per connection.
   */
  pageOfUser(user: string, topic: Topic, from?: PageKey): Promise<SubscriberPage>

  /**
   * The operation of a subscriber. A process reads each distinct operation once. If it has to be read, the result is
   * undefined if the subscriber has unsubscribed or changed its operation since it was found.
   */
  operationOf(subscriber: Subscriber): Promise<SharedOperation | undefined>
}

/** Maximum number of cached operations. */
const maxRemembered = 500

/** Maximum length of a cached operation, in characters: without it, one client could fill the memory. */
const maxRememberedLength = 20_000

export function createSubscribers({ table, now = Date.now }: TableAndClock): Subscribers {
  const subscriptions = createStoredSubscriptions({ table, now })
  const operations = new Map<string, SharedOperation>()

  return {
    async page(topic, from) {
      const projection = 'connectionId, id, operation, #ttl'
      const { items, next } = await table.page({ index: 'topic', keys: where`topic = ${topic}`, projection }, from)
      const nowMs = now()
      const subscribers: Subscriber[] = []
      const expired: Subscriber[] = []
      for (const item of items) {
        const operationId = operationIdOf(textOf(item, 'id'))
        if (operationId === undefined) continue
        const { operation, expiresAtSeconds, hasDeparted } = readListed(textOf(item, 'operation'))
        if (hasDeparted) continue
        const found = hasExpired(item, nowMs, expiresAtSeconds) ? expired : subscribers
        found.push({ connectionId: textOf(item, 'connectionId'), operationId, operation })
      }
      return { subscribers, expired, next }
    },

    async pageOfUser(user, topic, from) {
      const keys = where`topic = ${connectionsTopic(user)}`
      const { items, next } = await table.page({ index: 'topic', keys }, from)
      const subscribers: Subscriber[] = []
      for (const connection of items) {
        const connectionId = textOf(connection, 'connectionId')
        for (const item of await itemsUnder(connectionId, table)) {
          const operationId = subscribedAs(textOf(item, 'id'))
          if (operationId === undefined || !item['operation'] || !topicsOf(item).includes(topic)) continue
          const { operation } = readListed(textOf(item, 'operation'))
          subscribers.push({ connectionId, operationId, operation })
        }
      }
      return { subscribers, expired: [], next }
    },

    async operationOf(subscriber) {
      const known = operations.get(subscriber.operation)
      if (known) return known
      const found = await subscriptions.find(subscriber)
      if (!found || found.held) return undefined
      const { query, variables } = found.shared.request
      const length = query.length + JSON.stringify(variables).length
      if (length <= maxRememberedLength) remember(operations, found.operation, found.shared, maxRemembered)
      return found.shared
    },
  }
}
