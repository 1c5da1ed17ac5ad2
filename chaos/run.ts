import { setTimeout as sleep } from 'node:timers/promises'
import { muteNodeWarning } from '../local/environment'
import { type Chance, createChance } from './chance'
import { type ChaosClient, currentClient, legacyClient } from './clients'
import { type Cloud, startCloud } from './cloud'
import { type Watched, whatIsLeft, whatIsLost } from './invariants'
import { help, OptionError, type Options, readOptions } from './options'
import { seededRandom } from './random'
import { openTables } from './tables'

/**
 * `npm run chaos`: the service on a cloud where everything fails now and then, with real clients that drop their connections. Then the
 * faults end, and what was sent, translated, logged and received is compared.
 *
 * @returns the exit code: 0 if nothing was lost and nothing was left behind, 1 if there is a difference
 */
async function chaos({ seed, seconds, clients: clientCount }: Options): Promise<number> {
  console.log(
    `Seed ${seed}: ${seconds} s, ${clientCount} clients. The same seed draws the same faults, at calls that may differ.`,
  )
  const random = seededRandom(seed)
  const faults = createChance(random, Math.min(longestThrottlingMs, seconds * 250))
  const cloud = await startCloud({ faults })
  const tables = openTables(cloud)
  const clients = Array.from({ length: clientCount }, (_, n) => newClient(n, cloud))
  for (const chatId of chats)
    await tables.untilSubscribed(chatId, clients.filter((client) => client.chatId === chatId).length)
  faults.begin()
  const { sent, accepted } = await storm({ random, cloud, clients, endMs: Date.now() + seconds * 1_000 })
  faults.stop()
  const watched = { cloud, tables, clients, accepted }
  const lost = await untilNothingIs(whatIsLost, watched)
  await summarise({ ...watched, sent, faults })
  for (const { leave } of clients) leave()
  for (const chatId of chats) await cloud.say(chatId, 'Is anybody there?')
  const left = await untilNothingIs(whatIsLeft, watched)
  tables.close()
  await cloud.close()
  const differences = [...lost, ...left]
  for (const difference of differences) console.error(difference)
  console.log(differences.length === 0 ? 'Nothing was lost.' : `Something is wrong. Seed ${seed}.`)
  return differences.length === 0 ? 0 : 1
}

/** A short run has shorter ones, so that there is something else, too. */
const longestThrottlingMs = 30_000

const chats = ['one', 'two']

/** Either library, in either chat, with and without a number to begin with. */
function newClient(n: number, { gateway }: Cloud): ChaosClient {
  const chatId = chats[Math.floor(n / 2) % chats.length] ?? ''
  const after = n % 8 < 4 ? undefined : 0
  const options = { name: `client ${n}`, url: gateway.webSocketUrl, chatId, after }
  return n % 2 === 0 ? legacyClient(options) : currentClient(options)
}

interface Storm {
  readonly random: () => number
  readonly cloud: Cloud
  readonly clients: readonly ChaosClient[]
  readonly endMs: number
}

/** How many messages were sent, and how many of those accepted, by chat. */
interface Sent {
  readonly sent: ReadonlyMap<string, number>
  readonly accepted: ReadonlyMap<string, number>
}

async function storm({ random, cloud, clients, endMs }: Storm): Promise<Sent> {
  const sent = new Map(chats.map((chatId) => [chatId, 0]))
  const accepted = new Map(sent)
  const saying: Promise<void>[] = []
  const say = async (chatId: string, text: string) => {
    sent.set(chatId, (sent.get(chatId) ?? 0) + 1)
    if (await cloud.say(chatId, text)) accepted.set(chatId, (accepted.get(chatId) ?? 0) + 1)
  }
  for (let n = 0; Date.now() < endMs; n++) {
    saying.push(say(chats[n % chats.length] ?? '', `Message ${n}`))
    if (random() < 0.1) clients[Math.floor(random() * clients.length)]?.drop()
    await sleep(50 + random() * 200)
  }
  await Promise.all(saying)
  return { sent, accepted }
}

const patienceMs = 60_000
const betweenLooksMs = 500

/** Looks until all is well, and tells what is not if that does not come. What was given up meanwhile is sent again. */
async function untilNothingIs(
  wrong: (watched: Watched) => Promise<readonly string[]>,
  watched: Watched,
): Promise<readonly string[]> {
  const { cloud } = watched
  const endMs = Date.now() + patienceMs
  for (;;) {
    await sleep(betweenLooksMs)
    if (cloud.underWay() === 0 && cloud.deadLetters() > 0) cloud.sendAgain()
    const differences = await wrong(watched)
    if (differences.length === 0 || Date.now() > endMs) return differences
  }
}

interface Summary extends Watched {
  readonly sent: ReadonlyMap<string, number>
  readonly faults: Chance
}

async function summarise({ cloud, tables, clients, sent, accepted, faults }: Summary): Promise<void> {
  for (const [chatId, count] of sent) {
    const appended = (await tables.logOf(chatId)).length
    const translated = cloud.translated(chatId)
    console.log(
      `${chatId}: ${count} sent, ${accepted.get(chatId) ?? 0} accepted, ${translated} translated, ${appended} appended`,
    )
  }
  for (const { name, library, chatId, heard } of clients) {
    const distinct = new Set(heard).size
    console.log(`${name} of ${chatId}, ${library}: ${distinct} received, and ${heard.length - distinct} repetitions`)
  }
  for (const [fault, count] of [...faults.counts].toSorted()) console.log(`${count} × ${fault}`)
}

async function main(): Promise<void> {
  process.env[muteNodeWarning] = 'true'
  try {
    const options = readOptions(process.argv.slice(2))
    if (options !== 'help') process.exit(await chaos(options))
    console.log(help)
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}

void main()
