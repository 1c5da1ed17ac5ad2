import { setTimeout as sleep } from 'node:timers/promises'
import type { Topic } from '../lib/channels/topic'
import { messageOf } from '../lib/errors'
import { muteNodeWarning } from '../lib/local/environment'
import { type Chance, createChance } from './chance'
import { type ChaosClient, currentClient, legacyClient } from './clients'
import { bundleFunctions, type Cloud, startCloud } from './cloud'
import { converse } from './conversation'
import { type Watched, whatIsLeft, whatIsLost } from './invariants'
import { help, OptionError, type Options, readOptions } from './options'
import { seededRandom } from './random'
import { type Room, topicsOf } from './rooms'
import { openTables, type Tables } from './tables'

/**
 * `npm run chaos`: runs the core on a cloud where everything fails now and then, with real clients. Then the faults
 * end, and it compares what was published, logged and received.
 *
 * @returns the exit code: 0 if nothing was lost and nothing was left behind, 1 otherwise
 */
async function chaos({ seed, seconds, clients: clientCount }: Options): Promise<number> {
  console.log(
    `Seed ${seed}: ${seconds} s, ${clientCount} clients. The same seed draws the same faults, but they may affect other calls.`,
  )
  const random = seededRandom(seed)
  const faults = createChance(random, Math.min(longestThrottlingMs, seconds * 250))
  const bundles = await bundleFunctions()
  const cloud = await startCloud({ faults, bundles: bundles.folder, deadMs: Math.min(longestDeadMs, seconds * 400) })
  const tables = openTables(cloud)
  const strange = await talk({ faults, cloud, tables, endMs: Date.now() + seconds * 200 })
  const clients = Array.from({ length: clientCount }, (_, n) => newClient(n, cloud))
  await tables.untilSubscribed(clients)
  faults.begin('everything')
  const { sent, accepted } = await storm({ random, cloud, clients, endMs: Date.now() + seconds * 1_000 })
  faults.stop()
  const watched = { cloud, tables, clients, accepted }
  const lost = await untilNothingIs(whatIsLost, watched)
  await summarise({ ...watched, sent, faults })
  for (const { leave } of clients) leave()
  for (const room of rooms) await cloud.say(room, 'Is anybody there?')
  const left = await untilNothingIs(whatIsLeft, watched)
  const differences = [...strange, ...lost, ...left]
  for (const difference of differences) console.error(difference)
  console.log(
    differences.length === 0 ? 'Nothing was lost.' : `Events were lost, or items were left behind. Seed ${seed}.`,
  )
  tables.close()
  await cloud.close()
  await bundles.remove()
  return differences.length === 0 ? 0 : 1
}

/** Shorter in a short run, so that other faults occur too. */
const longestThrottlingMs = 30_000

/**
 * Longer than the seam by which cursors are moved back: events lost on a dead line are found only by the time of the
 * client's last sign of life.
 */
const longestDeadMs = 25_000

const tokenSeconds = 10

const ofAnn = { board: 'one', user: 'ann' }
const ofBob = { board: 'two', user: 'bob' }
const rooms: readonly Room[] = [ofAnn, ofBob]

/** Both libraries, both rooms, with and without a number to start from, with and without tokens. */
function newClient(n: number, { gateway, token }: Cloud): ChaosClient {
  const room = Math.floor(n / 2) % 2 === 0 ? ofAnn : ofBob
  const after = n % 8 < 4 ? undefined : 0
  const hasToken = n % 3 !== 2
  const options = {
    name: `client ${n}`,
    url: gateway.webSocketUrl,
    room,
    after,
    token: hasToken ? () => token(room.user, tokenSeconds) : undefined,
  }
  return n % 2 === 0 ? legacyClient(options) : currentClient(options)
}

interface Talk {
  readonly faults: Chance
  readonly cloud: Cloud
  readonly tables: Tables
  readonly endMs: number
}

/** @returns what a client was sent, before it reconnects, that reveals lost responses */
async function talk({ faults, cloud, tables, endMs }: Talk): Promise<readonly string[]> {
  faults.begin('lostAnswers')
  try {
    do await converse(cloud, tables)
    while (Date.now() < endMs)
    return []
  } catch (error) {
    return [`When answers were lost: ${messageOf(error)}`]
  } finally {
    faults.stop()
  }
}

/** Maximum number of invocations for publishing more events: as many as a laptop runs beside its other work. */
const busy = 40

interface Storm {
  readonly random: () => number
  readonly cloud: Cloud
  readonly clients: readonly ChaosClient[]
  readonly endMs: number
}

/** The number of events sent and accepted, by log. */
interface Sent {
  readonly sent: ReadonlyMap<Topic, number>
  readonly accepted: ReadonlyMap<Topic, number>
}

async function storm({ random, cloud, clients, endMs }: Storm): Promise<Sent> {
  const sent = new Map(rooms.flatMap(topicsOf).map((topic) => [topic, 0]))
  const accepted = new Map(sent)
  const count = (counts: Map<Topic, number>, room: Room) => {
    for (const topic of topicsOf(room)) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  }
  const saying: Promise<void>[] = []
  const say = async (room: Room, text: string) => {
    count(sent, room)
    if (await cloud.say(room, text)) count(accepted, room)
  }
  for (let n = 0; Date.now() < endMs; n++) {
    if (cloud.underWay() < busy) saying.push(say(n % 2 === 0 ? ofAnn : ofBob, `Note ${n}`))
    if (random() < 0.1) clients[Math.floor(random() * clients.length)]?.drop()
    await sleep(50 + random() * 200)
  }
  await Promise.all(saying)
  return { sent, accepted }
}

const patienceMs = 120_000
const betweenLooksMs = 500

/**
 * Repeats a check until it finds nothing, or until the patience ends, and returns what it found last. Dead letters are
 * sent again meanwhile. It does not check while functions run, because that would slow them down, except at the end.
 */
async function untilNothingIs(
  wrong: (watched: Watched) => Promise<readonly string[]>,
  watched: Watched,
): Promise<readonly string[]> {
  const { cloud } = watched
  const endMs = Date.now() + patienceMs
  for (;;) {
    await sleep(betweenLooksMs)
    if (cloud.underWay() === 0 && cloud.deadLetters() > 0) cloud.sendAgain()
    if (cloud.underWay() > 0 && Date.now() <= endMs) continue
    const differences = await wrong(watched)
    if (differences.length === 0 || Date.now() > endMs) return differences
  }
}

interface Summary extends Watched {
  readonly sent: ReadonlyMap<Topic, number>
  readonly faults: Chance
}

async function summarise({ cloud, tables, clients, sent, accepted, faults }: Summary): Promise<void> {
  for (const [topic, count] of sent) {
    const appended = (await tables.logOf(topic)).length
    const published = cloud.published(topic)
    console.log(
      `${topic}: ${count} sent, ${accepted.get(topic) ?? 0} accepted, ${published} published, ${appended} appended`,
    )
  }
  for (const { name, library, heard } of clients) {
    for (const [topic, numbers] of heard) {
      const distinct = new Set(numbers).size
      console.log(`${name} of ${topic}, ${library}: ${distinct} received, ${numbers.length - distinct} repeated`)
    }
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
