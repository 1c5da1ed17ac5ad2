import type { Topic } from '../lib/channels/topic'
import type { ChaosClient } from './clients'
import type { Cloud } from './cloud'
import type { LogEntry, Tables } from './tables'

/** The state to check, after any faults. Each check returns one sentence per violation. */
export interface Watched {
  readonly cloud: Cloud
  readonly tables: Tables
  readonly clients: readonly ChaosClient[]
  /** The number of accepted events, by log. A refused event may have been accepted if only the response was lost. */
  readonly accepted: ReadonlyMap<Topic, number>
}

/**
 * Checks that each event is in its log once, that the log is numbered without gaps, and that every client received
 * every event of its logs.
 */
export async function whatIsLost({ cloud, tables, clients, accepted }: Watched): Promise<readonly string[]> {
  const differences: string[] = []
  for (const [topic, count] of accepted) {
    const entries = await tables.logOf(topic)
    differences.push(...logDifferences(topic, entries, { accepted: count, published: cloud.published(topic) }))
    for (const client of clients) differences.push(...missing(client, topic, entries))
  }
  for (const { name, accused } of clients)
    differences.push(...accused.map((frame) => `${name} follows its protocol, but received: ${frame}`))
  if (cloud.underWay() > 0) differences.push('Functions are still running.')
  if (cloud.deadLetters() > 0) differences.push(`${cloud.deadLetters()} dead letters remain.`)
  return differences
}

function logDifferences(
  topic: Topic,
  entries: readonly LogEntry[],
  { accepted, published }: { readonly accepted: number; readonly published: number },
): readonly string[] {
  const numbers = entries.map(({ sequence }) => sequence)
  const ids = new Set(entries.map(({ eventId }) => eventId))
  const differences: string[] = []
  if (numbers.some((number, index) => number !== index + 1)) {
    differences.push(`The log of ${topic} has a gap: ${numbers.join()}.`)
  }
  if (ids.size !== entries.length) differences.push(`The log of ${topic} has an event twice.`)
  if (ids.size !== published) {
    differences.push(`${published} events of ${topic} were published, ${ids.size} are in its log.`)
  }
  if (ids.size < accepted) differences.push(`${accepted} events of ${topic} were accepted, ${ids.size} are in its log.`)
  return differences
}

function missing({ name, heard }: ChaosClient, topic: Topic, entries: readonly LogEntry[]): readonly string[] {
  const numbers = heard.get(topic)
  if (!numbers) return []
  const heardOnce = new Set(numbers)
  const lacks = entries.map(({ sequence }) => sequence).filter((sequence) => !heardOnce.has(sequence))
  return lacks.length === 0 ? [] : [`${name} lacks ${lacks.join()} of ${topic}.`]
}

/**
 * Checks the clients table after all clients have left, and further events in their rooms have revealed the connections
 * whose end was not reported.
 */
export async function whatIsLeft({ cloud, tables }: Pick<Watched, 'cloud' | 'tables'>): Promise<readonly string[]> {
  const items = await tables.clientItems()
  const wrong = items.filter((item) => !mayStay(item, cloud.gateway.unheard))
  const differences = wrong.map((item) => `This item should not be there: ${JSON.stringify(item)}`)
  if (cloud.underWay() > 0) differences.push('Functions are still running.')
  return differences
}

/** Items that are kept on purpose, until their `ttl`. */
function mayStay(item: Readonly<Record<string, unknown>>, unheard: ReadonlySet<string>): boolean {
  const [connectionId, id] = [String(item['connectionId']), String(item['id'])]
  const isOfSession = connectionId.startsWith('session#')
  const isEarlyStop = item['operation'] === undefined && id.startsWith('subscription#')
  // No event is published to it, so no post could find it gone, and its end was not reported.
  const isUnheard = (item['topic'] === undefined || id === 'client') && unheard.has(connectionId)
  return typeof item['ttl'] === 'number' && (isOfSession || isEarlyStop || isUnheard)
}
