import { type AttributeMap, numberOf, optionalTextOf, textOf } from '../aws/attribute-values'
import { type Expression, where } from '../aws/expression'
import { doneBefore, type Table } from '../aws/table'
import type { ChannelDefinition } from '../channels/definition'
import type { ChannelEvent } from '../channels/envelope'
import type { Topic } from '../channels/topic'
import { type Assignment, parseHandedOn } from './assignment'
import type { Clock } from './fan-out'

/**
 * Keeps the events of ordered channels in order. The newest event of each key is recorded in the messages table, in the
 * item that holds the reservation of a logged channel. Events are ordered by the time they were published, then by id.
 */
export interface LatestEvents {
  /**
   * Records an event as the newest of its key. One conditional write. With a rate limit, up to three, and a wait until
   * the limit allows an event, or, for an event that is not the newest, one write and one read.
   *
   * @returns the assignment to publish now: this event, or a newer one that arrived while it waited. Undefined if a
   * newer event arrived before, or if another publisher is waiting and will publish the newest. A completion, an event
   * that has had its turn, and an event of any other channel are returned unchanged
   */
  turnOf(
    assignment: Assignment,
    channel: Pick<ChannelDefinition, 'ordered' | 'maxPerSecond'> | undefined,
  ): Promise<Assignment | undefined>

  /** Whether a newer event of the key has arrived. One consistent read. */
  isSuperseded(key: Topic, event: Pick<ChannelEvent, 'publishedAtMs' | 'id'>): Promise<boolean>
}

/** SNS and Lambda stop retrying an event earlier than this (`maximumEventAge` of the function). */
const keptSeconds = 24 * 60 * 60

export function createLatestEvents({ table, clock }: { readonly table: Table; readonly clock: Clock }): LatestEvents {
  const { now, pause } = clock
  return {
    async turnOf(assignment, channel) {
      const { event, topics, latest } = assignment
      if (!channel?.ordered || latest !== undefined || event.completion) return assignment
      const { maxPerSecond } = channel
      const [key] = topics
      const due = { ...assignment, latest: key }
      const newest = orderOf(event)
      const pending = maxPerSecond === undefined ? undefined : JSON.stringify(due)
      const noted = await update(
        key,
        { newest, pending, ttl: Math.floor(now() / 1000) + keptSeconds },
        where`attribute_not_exists(newest) OR newest <= ${newest}`,
      )
      if (maxPerSecond === undefined) return noted && due
      const before = noted ?? (await heldBy(newest))
      if (!before) return undefined

      // The publisher that takes the free slot publishes the newest event at that moment: this one or a newer one.
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

      /**
       * The item, if this event was the last to wait or to take the slot. Then this is a retry: its publisher may have
       * died before it published the newer event, which nobody else does.
       */
      async function heldBy(holder: string): Promise<AttributeMap | undefined> {
        const item = await table.get(itemOf(key))
        return item && optionalTextOf(item, 'holder') === holder ? item : undefined
      }

      /** Idempotent: a publisher that lost the response of its write may repeat it. */
      function hold(set: Readonly<Record<string, number>>, isFree: Expression) {
        return update(key, { ...set, holder: newest }, where`${isFree} OR holder = ${newest}`)
      }
    },

    async isSuperseded(key, event) {
      const item = await table.get(itemOf(key))
      const newest = item && optionalTextOf(item, 'newest')
      return newest !== undefined && newest !== orderOf(event) // it only increases
    },
  }

  /**
   * @returns the item before the update, or, after a lost response, as it is now: what other publishers have written
   * since is as good. Undefined if the condition was not met
   */
  async function update(key: Topic, set: Readonly<Record<string, number | string | undefined>>, condition: Expression) {
    const before = await table.update(itemOf(key), { set }, condition)
    return before === doneBefore ? table.get(itemOf(key)) : before
  }
}

function itemOf(key: Topic) {
  return { topic: key, sequence: 0 }
}

/** How long a negative answer is reused. Without it, many throttled recipients would each cause a read. */
const lookAgainMs = 100

/**
 * Checks, before a recipient is retried in this or a later invocation, whether a newer event has superseded this one.
 * First attempts are not checked: at a high rate, the last of many subscribers would otherwise receive nothing.
 *
 * @returns a function of the number of posts to the recipient that have failed in this invocation; undefined if the
 * channel is not ordered
 */
export function lateRetries(
  { event, latest, round }: Assignment,
  { latestEvents, clock }: { readonly latestEvents: Pick<LatestEvents, 'isSuperseded'>; readonly clock: Clock },
): ((tries: number) => Promise<boolean>) | undefined {
  if (latest === undefined) return undefined
  let answer = Promise.resolve(false)
  let askAgainMs = 0
  return async (tries) => {
    if (round === 0 && tries === 0) return false
    if (clock.now() >= askAgainMs) {
      answer = latestEvents.isSuperseded(latest, event)
      askAgainMs = clock.now() + lookAgainMs
    }
    const isSuperseded = await answer
    if (isSuperseded) askAgainMs = Infinity
    return isSuperseded
  }
}

/** Epoch milliseconds have 13 digits until the year 2286, so these texts sort by time. */
function orderOf({ publishedAtMs, id }: Pick<ChannelEvent, 'publishedAtMs' | 'id'>): string {
  return `${publishedAtMs}#${id}`
}

function pendingIn(item: AttributeMap): Assignment | undefined {
  const task = parseHandedOn(JSON.parse(textOf(item, 'pending')))
  return task && 'event' in task ? task : undefined
}
