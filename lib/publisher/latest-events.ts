import { type AttributeMap, optionalTextOf, textOf } from '../aws/attribute-values'
import { type Expression, where } from '../aws/expression'
import type { Table } from '../aws/table'
import type { ChannelEvent } from '../channels/envelope'
import type { Topic } from '../channels/topic'
import type { Subscriber } from '../clients/subscriber'
import { numberOf } from '../history/entry'
import { type Assignment, parseHandedOn } from './assignment'
import type { Clock } from './fan-out'

/**
 * Keeps the events of ordered channels in order: the newest of each key is noted in the messages table, where a channel with a log would
 * have its first number. Newer is what was published later, and of one millisecond what has the higher id.
 */
export interface LatestEvents {
  /**
   * Notes an event as the newest of its key. One conditional write; where events of a key are limited, three at most, and a wait until
   * there is room for one.
   *
   * @returns what is to be published now: the event, or a newer one that has come while it waited; undefined if a newer one has come
   * before, or another publisher waits already, which will publish the newest. What is not of an ordered channel is returned as it is
   */
  turnOf(assignment: Assignment): Promise<Assignment | undefined>

  /** Whether a newer event of the key has come. One consistent read. */
  isSuperseded(key: Topic, event: Pick<ChannelEvent, 'publishedAtMs' | 'id'>): Promise<boolean>
}

/** An event is not brought later: SNS and Lambda give up before (`maximumEventAge` of the function). */
const keptSeconds = 24 * 60 * 60

export function createLatestEvents({ table, clock }: { readonly table: Table; readonly clock: Clock }): LatestEvents {
  const { now, pause } = clock
  return {
    async turnOf(assignment) {
      const { turn, ...rest } = assignment
      if (!turn) return assignment
      const { key, maxPerSecond } = turn
      const due = { ...rest, latest: key }
      const newest = orderOf(assignment.event)
      const pending = maxPerSecond === undefined ? undefined : JSON.stringify(due)
      const before = await table.update(
        itemOf(key),
        { set: { newest, pending, ttl: Math.floor(now() / 1000) + keptSeconds } },
        where`attribute_not_exists(newest) OR newest <= ${newest}`,
      )
      if (!before || maxPerSecond === undefined) return before && due

      // Whoever takes the place that was free then publishes the newest event of that moment, which is this one or a newer one.
      const freeAtMs = numberOf(before, 'freeAtMs') ?? 0
      if (freeAtMs > now()) {
        if (numberOf(before, 'awaitedMs') === freeAtMs) return undefined
        const isFirst = where`attribute_not_exists(awaitedMs) OR awaitedMs <> ${freeAtMs}`
        if (!(await hold({ awaitedMs: freeAtMs }, isFirst))) return undefined
        await pause(freeAtMs - now())
      }
      const nextFreeAtMs = now() + Math.ceil(1_000 / maxPerSecond)
      const isFree = where`attribute_not_exists(freeAtMs) OR freeAtMs = ${freeAtMs}`
      const taken = await hold({ freeAtMs: nextFreeAtMs }, isFree)
      return taken && pendingIn(taken)

      /** Whoever has done it already, and lost the answer, may do it again. */
      function hold(set: Readonly<Record<string, number>>, isFree: Expression) {
        return table.update(itemOf(key), { set: { ...set, holder: newest } }, where`${isFree} OR holder = ${newest}`)
      }
    },

    async isSuperseded(key, event) {
      const { items } = await table.page({
        keys: where`topic = ${key} AND #sequence = ${0}`,
        projection: 'newest',
      })
      const newest = items[0] && optionalTextOf(items[0], 'newest')
      return newest !== undefined && newest !== orderOf(event) // it only grows
    },
  }
}

/** An answer counts for so long: where many are throttled at once, each retry asks. */
const lookAgainMs = 100

/**
 * Tells before a recipient is tried again, or tried by another invocation, whether a newer event has taken the place of an ordered
 * channel's. It is not asked before a first try: at a high rate, the last of many subscribers would then get nothing.
 *
 * @returns undefined if the channel is not ordered
 */
export function lateRetries(
  { event, latest, round }: Assignment,
  { latestEvents, clock }: { readonly latestEvents: Pick<LatestEvents, 'isSuperseded'>; readonly clock: Clock },
): ((recipient: Subscriber) => Promise<boolean>) | undefined {
  if (latest === undefined) return undefined
  const tried = new Set<Subscriber>()
  let superseded = false
  let answer = Promise.resolve(false)
  let askAgainMs = 0
  return async (recipient) => {
    const isFirst = round === 0 && !tried.has(recipient)
    tried.add(recipient)
    if (isFirst) return false
    if (superseded) return true
    if (clock.now() >= askAgainMs) {
      answer = latestEvents.isSuperseded(latest, event)
      askAgainMs = clock.now() + lookAgainMs
    }
    superseded = await answer
    return superseded
  }
}

function itemOf(key: Topic) {
  return { topic: key, sequence: 0 }
}

/** Epoch milliseconds have 13 digits until the year 2286, so this is ordered as text. */
function orderOf({ publishedAtMs, id }: Pick<ChannelEvent, 'publishedAtMs' | 'id'>): string {
  return `${publishedAtMs}#${id}`
}

function pendingIn(item: AttributeMap): Assignment | undefined {
  const task = parseHandedOn(JSON.parse(textOf(item, 'pending')))
  return task && 'event' in task ? task : undefined
}
