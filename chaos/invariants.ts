import type { ChaosClient } from './clients'
import type { Cloud } from './cloud'
import type { LogEntry, Tables } from './tables'

/** What is to hold of a service, whatever has befallen it. Each check returns a sentence for whatever does not. */
export interface Watched {
  readonly cloud: Cloud
  readonly tables: Tables
  readonly clients: readonly ChaosClient[]
  /** How many messages were accepted, by chat. A refused one may have been accepted all the same, if only the answer was lost. */
  readonly accepted: ReadonlyMap<string, number>
}

/** Each message is in the log once, numbered without a hole, in each of its translations, and every client has heard all of them. */
export async function whatIsLost({ cloud, tables, clients, accepted }: Watched): Promise<readonly string[]> {
  const differences: string[] = []
  for (const [chatId, count] of accepted) {
    const entries = await tables.logOf(chatId)
    differences.push(...logDifferences(chatId, entries, { accepted: count, cloud }))
    for (const client of clients) if (client.chatId === chatId) differences.push(...missing(client, entries))
  }
  if (cloud.underWay() > 0) differences.push('The functions do not come to rest.')
  if (cloud.deadLetters() > 0) differences.push(`${cloud.deadLetters()} dead letters are there.`)
  return differences
}

function logDifferences(
  chatId: string,
  entries: readonly LogEntry[],
  { accepted, cloud }: { readonly accepted: number; readonly cloud: Cloud },
): readonly string[] {
  const numbers = entries.map(({ sequence }) => sequence)
  const ids = new Set(entries.map(({ eventId }) => eventId))
  const messages = new Set([...ids].map((id) => id.slice(0, id.lastIndexOf(':'))))
  const translated = cloud.translated(chatId)
  const differences: string[] = []
  if (numbers.some((number, index) => number !== index + 1)) {
    differences.push(`The log of ${chatId} has a hole: ${numbers.join()}.`)
  }
  if (ids.size !== entries.length) differences.push(`The log of ${chatId} has an event twice.`)
  if (ids.size !== cloud.languages.length * messages.size)
    differences.push(`In the log of ${chatId}, a translation is missing.`)
  if (ids.size !== translated) {
    differences.push(`${translated} translations of ${chatId} were published, ${ids.size} are in its log.`)
  }
  if (messages.size < accepted) {
    differences.push(`${accepted} messages of ${chatId} were accepted, ${messages.size} are in its log.`)
  }
  return differences
}

function missing({ name, chatId, heard }: ChaosClient, entries: readonly LogEntry[]): readonly string[] {
  const heardOnce = new Set(heard)
  const lacks = entries.map(({ sequence }) => sequence).filter((sequence) => !heardOnce.has(sequence))
  return lacks.length === 0 ? [] : [`${name} lacks ${lacks.join()} of ${chatId}.`]
}

/**
 * What is in the clients table though it should not be, when all clients have left and one more message was posted to their chats: that
 * one comes upon the connections whose end nobody was told.
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
  // It is in no index where a post could find it gone, and its end was told nobody.
  const isUnheard = item['topic'] === undefined && unheard.has(connectionId)
  return typeof item['ttl'] === 'number' && (isOfSession || isEarlyStop || isUnheard)
}
