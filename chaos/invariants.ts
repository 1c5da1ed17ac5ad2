import type { Topic } from '../lib/channels/topic'
import type { ChaosClient } from './clients'
import type { Cloud } from './cloud'
import type { LogEntry, Tables } from './tables'

/** What is to hold of a service, whatever has befallen it. Each check returns a sentence for whatever does not. */
export interface Watched {
  readonly cloud: Cloud
  readonly tables: Tables
  readonly clients: readonly ChaosClient[]
  /**
   * How many events were accepted, by log. A refused one may have been accepted all the same, if only the answer was
   * lost.
   */
  readonly accepted: ReadonlyMap<Topic, number>
}

/**
 * Each event is in its log once, numbered without a hole, and every client has heard all of each log that it listens
 * to.
 */
export async function whatIsLost({ cloud, tables, clients, accepted }: Watched): Promise<readonly string[]> {
  const differences: string[] = []
  for (const [topic, count] of accepted) {
    const entries = await tables.logOf(topic)
    differences.push(...logDifferences(topic, entries, { accepted: count, published: cloud.published(topic) }))
    for (const client of clients) differences.push(...missing(client, topic, entries))
  }
  for (const { name, accused } of clients)
    differences.push(...accused.map((frame) => `${name} was sent this, though it keeps to its protocol: ${frame}`))
  if (cloud.underWay() > 0) differences.push('The functions do not come to rest.')
  if (cloud.deadLetters() > 0) differences.push(`${cloud.deadLetters()} dead letters are there.`)
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
    differences.push(`The log of ${topic} has a hole: ${numbers.join()}.`)
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
 * What is in the clients table though it should not be, when all clients have left and something more was said in their
 * rooms: that comes upon the connections whose end nobody was told.
 */
export async function whatIsLeft({ cloud, tables }: Pick<Watched, 'cloud' | 'tables'>): Promise<readonly string[]> {
  const items = await tables.clientItems()
  const wrong = items.filter((item) => !mayStay(item, cloud.gateway.unheard))
  const differences = wrong.map((item) => `This item should not be there: ${JSON.stringify(item)}`)
  if (cloud.underWay() > 0) differences.push('The functions do not come to rest.')
  return differences
}

/** What is kept on purpose, each until its `ttl`. */
function mayStay(item: Readonly<Record<string, unknown>>, unheard: ReadonlySet<string>): boolean {
  const [connectionId, id] = [String(item['connectionId']), String(item['id'])]
  const isOfSession = connectionId.startsWith('session#')
  const isEarlyStop = item['operation'] === undefined && id.startsWith('subscription#')
  // No event is published to it, so no post could find it gone, and its end was told nobody.
  const isUnheard = (item['topic'] === undefined || id === 'client') && unheard.has(connectionId)
  return typeof item['ttl'] === 'number' && (isOfSession || isEarlyStop || isUnheard)
}
