import { type AttributeMap, optionalTextOf, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { Table } from '../aws/table'
import type { Topic } from '../channels/topic'
import { listedOperation, readListed } from '../clients/items'
import { type Announce, lingeringSeconds } from './changes'

/** The entry of a member, by its keys. */
export interface Membership {
  readonly connectionId: string
  readonly id: string
  readonly topic: Topic
  /** As `memberText` spells it. */
  readonly member: string
  /** As `listedOperation` spells its operation. */
  readonly listed: string
}

/** What a subscription's item has of a membership; undefined if it has none, or its member is leaving already. */
export function membershipOf(item: AttributeMap): Membership | undefined {
  const [topic, listed] = [optionalTextOf(item, 'topic'), optionalTextOf(item, 'operation')]
  if (topic === undefined || listed === undefined) return undefined
  const { member, hasDeparted } = readListed(listed)
  if (member === undefined || hasDeparted) return undefined
  return { connectionId: textOf(item, 'connectionId'), id: textOf(item, 'id'), topic: topic as Topic, member, listed }
}

/**
 * Lets members whose connection has ended linger for a while: their entries stay, as no place to deliver to, until the state is read that
 * they are no longer part of.
 */
export async function depart(
  memberships: readonly Membership[],
  { table, announce, now }: { readonly table: Table; readonly announce: Announce; readonly now: () => number },
): Promise<void> {
  const ttl = Math.ceil(now() / 1_000) + lingeringSeconds
  for (const topic of new Set(memberships.map((membership) => membership.topic))) await announce(topic, ttl * 1_000)
  for (const { connectionId, id, topic, member, listed } of memberships) {
    const departed = { connectionId, id, topic, operation: listedOperation(undefined, { member }), ttl }
    await table.put(departed, where`operation = ${listed}`) // not one whose end somebody else has noticed, and that is over by now
  }
}
