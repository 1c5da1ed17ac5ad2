import { type AttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { PageKey, TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'
import { remember } from '../remember'
import { itemsUnder, readListed, type SharedOperation, storedVariables } from './items'
import { connectionsTopic, operationIdOf, subscribedAs } from './keys'
import { createStoredSubscriptions } from './stored-subscriptions'
import type { Subscriber } from './subscriber'

/** Subscribers of a topic, as many as DynamoDB gives at once (1 MB, some 10,000). */
export interface SubscriberPage {
  readonly subscribers: readonly Subscriber[]
  /** Those among them that have outlived their token, or their connection: nothing is for them. */
  readonly expired: readonly Subscriber[]
  /** Absent on the last page. */
  readonly next: PageKey | undefined
}

/** What a fan-out reads of the clients table: docs/reference/data-model.md. */
export interface Subscribers {
  /** One page of a topic's subscribers, and apart from them those that have expired; the first if `from` is left out. */
  page(topic: Topic, from?: PageKey): Promise<SubscriberPage>

  /**
   * As `page`, only the subscriptions of connections that have shown a token of a user, those that wait for a replay among them. A page
   * costs a query of the index, and one of each connection.
   */
  pageOfUser(user: string, topic: Topic, from?: PageKey): Promise<SubscriberPage>

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

export function createSubscribers({ table, now = Date.now }: TableAndClock): Subscribers {
  const subscriptions = createStoredSubscriptions({ table, now })
  const operations = new Map<string, SharedOperation>()

  return {
    async page(topic, from) {
      const projection = 'connectionId, id, operation, #ttl'
      const { items, next } = await table.page({ index: 'topic', keys: where`topic = ${topic}`, projection }, from)
      const nowSeconds = now() / 1000
      const subscribers: Subscriber[] = []
      const expired: Subscriber[] = []
      for (const item of items) {
        const operationId = operationIdOf(textOf(item, 'id'))
        if (operationId === undefined) continue
        const { operation, expiresAtSeconds, hasDeparted } = readListed(textOf(item, 'operation'))
        if (hasDeparted) continue
        const isOver = Math.min(Number(textOf(item, 'ttl')), expiresAtSeconds) <= nowSeconds
        ;(isOver ? expired : subscribers).push({ connectionId: textOf(item, 'connectionId'), operationId, operation })
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
      const length = query.length + storedVariables(variables).length
      if (length <= maxRememberedLength) remember(operations, found.operation, found.shared, maxRemembered)
      return found.shared
    },
  }
}

function topicsOf({ topics }: AttributeMap): readonly string[] {
  return topics && 'L' in topics ? topics.L.flatMap((topic) => ('S' in topic ? [topic.S] : [])) : []
}
