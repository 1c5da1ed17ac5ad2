import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { type ChaosClient, currentClient, legacyClient } from './clients'
import { type Cloud, startCloud } from './cloud'
import { createFaults, type Faults } from './faults'
import { seededRandom } from './random'

/**
 * `npm run chaos [-- --seed N --seconds S --clients N]`: the service on a cloud where everything fails now and then, with real clients
 * that drop their connections. Then the faults end, and what was sent, logged and received is compared. Exits with 1 on a difference.
 */
async function main(): Promise<void> {
  const options = { seed: { type: 'string' }, seconds: { type: 'string' }, clients: { type: 'string' } } as const
  const { values } = parseArgs({ options })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const seconds = Number(values.seconds ?? 120)
  const clientCount = Number(values.clients ?? 8)
  console.log(
    `Seed ${seed}: ${seconds} s, ${clientCount} clients. The same seed draws the same faults, at calls that may differ.`,
  )
  const random = seededRandom(seed)
  const faults = createFaults(random, Math.min(longestThrottlingMs, seconds * 250))
  const cloud = await startCloud(join(import.meta.dirname, '..'), faults)
  const clients = Array.from({ length: clientCount }, (_, n) => newClient(n, cloud))
  const sent = await storm({ random, cloud, clients, endMs: Date.now() + seconds * 1_000 })
  faults.stop()
  const differences = await settle(cloud, clients, sent)
  summarise({ sent, clients, faults })
  for (const { leave } of clients) leave()
  differences.push(...(await leftBehind(cloud)))
  await cloud.close()
  for (const difference of differences) console.error(difference)
  console.log(differences.length === 0 ? 'Nothing was lost.' : `Something is wrong. Seed ${seed}.`)
  process.exit(differences.length === 0 ? 0 : 1)
}

/** A short run has shorter ones, so that there is something else, too. */
const longestThrottlingMs = 30_000

const chats = ['one', 'two']

function newClient(n: number, { gateway }: Cloud): ChaosClient {
  const chatId = chats[Math.floor(n / 2) % chats.length] ?? ''
  const options = { name: `client ${n}`, url: gateway.webSocketUrl, chatId }
  return n % 2 === 0 ? legacyClient(options) : currentClient(options)
}

interface Storm {
  readonly random: () => number
  readonly cloud: Cloud
  readonly clients: readonly ChaosClient[]
  readonly endMs: number
}

/** Messages that were accepted, by chat. */
type Sent = ReadonlyMap<string, number>

async function storm({ random, cloud, clients, endMs }: Storm): Promise<Sent> {
  const sent = new Map(chats.map((chatId) => [chatId, 0]))
  const saying: Promise<void>[] = []
  const say = async (chatId: string, text: string) => {
    if (await cloud.say(chatId, text)) sent.set(chatId, (sent.get(chatId) ?? 0) + 1)
  }
  for (let n = 0; Date.now() < endMs; n++) {
    saying.push(say(chats[n % chats.length] ?? '', `Message ${n}`))
    if (random() < 0.1) clients[Math.floor(random() * clients.length)]?.drop()
    await sleep(50 + random() * 200)
  }
  await Promise.all(saying)
  return sent
}

interface Entry {
  readonly topic: string
  readonly sequence: number
  readonly eventId: string
}

const patienceMs = 60_000

/** Waits until all is well, and tells what is not if that does not come. A refused message may have been accepted all the same. */
async function settle(cloud: Cloud, clients: readonly ChaosClient[], sent: Sent): Promise<string[]> {
  const endMs = Date.now() + patienceMs
  for (;;) {
    await sleep(500)
    if (cloud.underWay() === 0 && cloud.deadLetters() > 0) cloud.sendAgain()
    const differences = [...(await checkLog(cloud, sent)), ...(await checkClients(cloud, clients))]
    if (cloud.underWay() > 0 || cloud.deadLetters() > 0) differences.push('The functions do not come to rest.')
    if (differences.length === 0 || Date.now() > endMs) return differences
  }
}

async function checkLog(cloud: Cloud, sent: Sent): Promise<string[]> {
  const entries = await logOf(cloud)
  return [...sent].flatMap(([chatId, count]) => {
    const ofChat = entries.filter(({ topic }) => topic === `chat#${chatId}`)
    const numbers = ofChat.map(({ sequence }) => sequence).toSorted((a, b) => a - b)
    const ids = new Set(ofChat.map(({ eventId }) => eventId))
    const requests = new Set([...ids].map((id) => id.replace(/:(fr|de)$/, '')))
    const differences: string[] = []
    if (numbers.some((number, index) => number !== index + 1))
      differences.push(`The log of ${chatId} has a hole: ${numbers.join()}`)
    if (ids.size !== ofChat.length) differences.push(`The log of ${chatId} has an event twice.`)
    if (ids.size !== 2 * requests.size) differences.push(`In the log of ${chatId} a translation is missing.`)
    if (requests.size < count)
      differences.push(`${count} messages of ${chatId} were accepted, ${requests.size} are in its log.`)
    return differences
  })
}

async function checkClients(cloud: Cloud, clients: readonly ChaosClient[]): Promise<string[]> {
  const entries = await logOf(cloud)
  return clients.flatMap(({ name, chatId, heard }) => {
    const due = entries.filter(({ topic }) => topic === `chat#${chatId}`).map(({ sequence }) => sequence)
    const missing = due.filter((sequence) => !heard.includes(sequence))
    return missing.length === 0 ? [] : [`${name} lacks ${missing.toSorted((a, b) => a - b).join()} of ${chatId}.`]
  })
}

/** What is in the table when all have left, and one more message has come upon the connections whose end nobody was told. */
async function leftBehind(cloud: Cloud): Promise<string[]> {
  const endMs = Date.now() + patienceMs
  for (const chatId of chats) await cloud.say(chatId, 'Is anybody there?')
  for (;;) {
    await sleep(500)
    const items = await scan(cloud, 'clients')
    const wrong = items.filter((item) => {
      const { connectionId, id, ttl } = item
      const isOfSession = String(connectionId).startsWith('session#') || id === 'session'
      const isEarlyStop = item['operation'] === undefined && String(id).startsWith('subscription#') // for two minutes
      // Nobody told of its end, and it is in no index where a post could find it gone: its ttl deletes it.
      const isUnheard = item['topic'] === undefined && cloud.gateway.unheard.has(String(connectionId))
      return typeof ttl !== 'number' || !(isOfSession || isUnheard || isEarlyStop)
    })
    if (wrong.length === 0 && cloud.underWay() === 0) return []
    if (Date.now() > endMs) return wrong.map((item) => `This item should not be there: ${JSON.stringify(item)}`)
  }
}

async function logOf(cloud: Cloud): Promise<readonly Entry[]> {
  const items = await scan(cloud, 'messages')
  return items.filter(({ sequence }) => Number(sequence) > 0) as unknown as readonly Entry[]
}

async function scan(cloud: Cloud, TableName: string): Promise<Record<string, unknown>[]> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint: cloud.dynamoDbEndpoint, region: 'us-east-1', credentials })
  const documents = DynamoDBDocumentClient.from(client)
  const items: Record<string, unknown>[] = []
  let from: Record<string, unknown> | undefined
  do {
    const { Items = [], LastEvaluatedKey } = await documents.send(
      new ScanCommand({ TableName, ExclusiveStartKey: from }),
    )
    items.push(...Items)
    from = LastEvaluatedKey
  } while (from)
  client.destroy()
  return items
}

function summarise({ sent, clients, faults }: { sent: Sent; clients: readonly ChaosClient[]; faults: Faults }): void {
  for (const [chatId, count] of sent) console.log(`${count} messages accepted in ${chatId}`)
  for (const { name, heard } of clients) {
    const distinct = new Set(heard).size
    console.log(`${name}: ${distinct} received, ${heard.length - distinct} of them again`)
  }
  for (const [fault, count] of [...faults.counts].toSorted()) console.log(`${count} × ${fault}`)
}

void main()
