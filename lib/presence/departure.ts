import { type AttributeMap, optionalTextOf, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { Table } from '../aws/table'
import type { Topic } from '../channels/topic'
import { listedOperation, readListed } from '../clients/items'
import { type Announce, lingeringSeconds } from './changes'

/** A member's entry in the index, identified by its keys. */
export interface Membership {
  readonly connectionId: string
  readonly id: string
  readonly topic: Topic
  /** The output of `memberText`. */
  readonly member: string
  /** The output of `listedOperation`. */
  readonly listed: string
}

/** The membership in a subscription's item; undefined if it has none, or if its member has already departed. */
export function membershipOf(item: AttributeMap): Membership | undefined {
  const [topic, listed] = [optionalTextOf(item, 'topic'), optionalTextOf(item, 'operation')]
  if (topic === undefined || listed === undefined) return undefined
  const { member, hasDeparted } = readListed(listed)
  if (member === undefined || hasDeparted) return undefined
  return { connectionId: textOf(item, 'connectionId'), id: textOf(item, 'id'), topic: topic as Topic, member, listed }
}

/**
 * Marks members as departed after their connection has ended. Their entries stay for `lingeringSeconds`, without an
 * operation, so that nothing is delivered to them. `reconcile` deletes them.
 */
export async function depart(
  memberships: readonly Membership[],
  { table, announce, now }: { readonly table: Table; readonly announce: Announce; readonly now: () => number },
): Promise<void> {
  const ttl = Math.ceil(now() / 1_000) + lingeringSeconds
  for (const topic of new Set(memberships.map((membership) => membership.topic))) await announce(topic, ttl * 1_000)
  for (const { connectionId, id, topic, member, listed } of memberships) {
    const departed = { connectionId, id, topic, operation: listedOperation(undefined, { member }), ttl }
    // The condition keeps an entry that another function has already replaced or deleted.
    await table.put(departed, where`operation = ${listed}`)
  }
}
