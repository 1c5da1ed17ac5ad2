/** List prices in dollars, us-east-1, without free tiers and discounts. */
const price = {
  connectionMinute: 0.25 / 1e6, // API Gateway, WebSocket
  webSocketMessage: 1 / 1e6, // of up to 32 KB, in either direction
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.000_013_333_4, // arm64
  tableWrite: 0.625 / 1e6, // on demand; an index write counts again
  tableRead: 0.125 / 1e6, // on demand, strongly consistent, up to 4 KB
  tableGigabyte: 0.25, // a month
  snsPublish: 0.5 / 1e6, // deliveries to Lambda are free
  translatedCharacter: 15 / 1e6,
  logGigabyte: 0.5,
  metric: 0.3, // a month
  alarmMetric: 0.1, // a month, for each metric of an alarm
  dashboard: 3, // a month
} as const

/** The assumptions about a month. Each is an option of `npm run cost`; `meaningOf` says what it counts. */
export interface Assumptions {
  readonly clients: number
  readonly hoursADay: number
  readonly connectionsADay: number
  readonly missedAConnection: number
  readonly silenceSeconds: number
  readonly keepAlive: boolean
  readonly clientsAChat: number
  readonly messagesADay: number
  readonly eventsADay: number
  readonly charactersAMessage: number
  readonly languages: number
  readonly memoryMb: number
  readonly publishMemoryMb: number
  readonly msAnInvocation: number
  readonly msADelivery: number
}

export const meaningOf: Readonly<Record<keyof Assumptions, string>> = {
  clients: 'clients of the stage',
  hoursADay: 'hours per day that each client is connected, on 30 days a month',
  connectionsADay: 'connections per client in these hours; API Gateway closes each after two hours',
  missedAConnection: 'events that a client misses per connection and receives in a replay; 0 without a clientId',
  silenceSeconds: 'seconds without a frame after which a client pings, as in createConnection; 0: never',
  keepAlive: 'the server sends a keep-alive to each connection every 8 minutes; pongs are not counted',
  clientsAChat: 'subscribers who receive each message and each event',
  messagesADay: 'messages that each client sends per day, by a mutation over its connection',
  eventsADay: 'events per day that the stage publishes for no message of a client, all clients together',
  charactersAMessage: 'characters of a message, or of an event',
  languages: 'translations of a message, each of them an event; 0: each message is one event',
  memoryMb: 'memory of each function except publish',
  publishMemoryMb: 'memory of publish; 1769 is a whole vCPU',
  msAnInvocation: 'duration of an invocation without deliveries',
  msADelivery: 'duration of a delivery in publish',
}

export const defaultAssumptions: Assumptions = {
  clients: 1_000,
  hoursADay: 2,
  connectionsADay: 1,
  missedAConnection: 1,
  silenceSeconds: 240,
  keepAlive: false,
  clientsAChat: 20,
  messagesADay: 10,
  eventsADay: 0,
  charactersAMessage: 60,
  languages: 2,
  memoryMb: 512,
  publishMemoryMb: 1_769,
  msAnInvocation: 30,
  msADelivery: 1,
}

const daysAMonth = 30
const logBytesAnInvocation = 900 // one or two of our lines and three of Lambda's
const bytesAnAccess = 450 // a line of an access log
const bytesASubscriber = 160 // of the index
const bytesAPageUnit = 8_192 // an index read is eventually consistent: half a unit per 4 KB
const bytesOfAnEvent = 500 // in the log, without its texts
const bytesOfALogIndexEntry = 200
const keptAlivesAnHour = 60 / 8
const longestConnectionHours = 2 // API Gateway
const defaultRequestsASecond = 10_000 // quota of API Gateway per account and region: messages of clients, and posts

/** The numbers of custom metrics, and of metrics of alarms, which are billed by the month. */
export const monthly = { metrics: 13, alarmMetrics: 22 } as const

/** Dollars per month by service, from the calls that the service makes for its clients' activity. */
export function monthlyCost(assumptions: Assumptions): Readonly<Record<string, number>> {
  const { clients, hoursADay, languages, charactersAMessage } = assumptions
  const connections = clients * assumptions.connectionsADay * daysAMonth
  const connectionHours = clients * hoursADay * daysAMonth
  const { messages, translations, publications, deliveries } = traffic(assumptions)
  const replayed = connections * assumptions.missedAConnection
  const replays = assumptions.missedAConnection > 0 ? connections : 0
  const keptAlive = assumptions.keepAlive ? connectionHours * keptAlivesAnHour : 0
  const keepAliveTurns = keptAlive > 0 ? daysAMonth * 24 * 60 : 0
  const pings = pingsOf(assumptions.silenceSeconds, connectionHours, deliveries + replayed + messages * 2)

  // In: connection_init, start, each mutation, each ping. Out: connection_ack, the mutation's data and complete, each
  // event, each pong.
  const webSocketMessages = connections * 3 + messages * 3 + deliveries + replayed + keptAlive + pings * 2
  const accesses = connections * 4 + messages + pings // $connect, $disconnect, connection_init, start, each mutation
  const others = accesses + translations
  const publishes = publications + replays + keepAliveTurns
  const invocations = others + publishes
  const mbSeconds =
    (others * assumptions.msAnInvocation * assumptions.memoryMb +
      (publishes * assumptions.msAnInvocation + (deliveries + replayed + keptAlive) * assumptions.msADelivery) *
        assumptions.publishMemoryMb) /
    1_000

  const loggedBytes = bytesOfAnEvent + 2 * charactersAMessage
  const table = tableUnits({ ...assumptions, connections, messages, publications, replays, keptAlive, loggedBytes })
  const storedBytes = (publications / daysAMonth) * (loggedBytes + bytesOfALogIndexEntry) // for a day

  return {
    'API Gateway, connections': connectionHours * 60 * price.connectionMinute,
    'API Gateway, messages': webSocketMessages * price.webSocketMessage,
    Lambda: invocations * price.lambdaRequest + (mbSeconds / 1_024) * price.lambdaGbSecond,
    DynamoDB:
      table.writes * price.tableWrite + table.reads * price.tableRead + (storedBytes / 1e9) * price.tableGigabyte,
    SNS: ((languages > 0 ? messages : 0) + publications + replays) * price.snsPublish,
    Translate: translations * charactersAMessage * price.translatedCharacter,
    CloudWatch:
      ((invocations * logBytesAnInvocation + accesses * bytesAnAccess) / 1e9) * price.logGigabyte +
      (invocations > 0 ? monthly.metrics * price.metric : 0) + // billed for the hours in which they are written
      monthly.alarmMetrics * price.alarmMetric +
      price.dashboard,
  }
}

/** What the clients and the stage publish in a month, and how often that is delivered. */
function traffic({ clients, messagesADay, eventsADay, languages, clientsAChat }: Assumptions) {
  const messages = clients * messagesADay * daysAMonth
  const translations = messages * languages
  const publications = (languages > 0 ? translations : messages) + eventsADay * daysAMonth
  return { messages, translations, publications, deliveries: publications * clientsAChat }
}

/**
 * The pings of clients that ping after `silenceSeconds` without a frame. Frames arrive at random times, evenly over the
 * hours of connection, so the gaps between them are exponential.
 */
function pingsOf(silenceSeconds: number, connectionHours: number, frames: number): number {
  if (silenceSeconds === 0 || connectionHours === 0) return 0
  const seconds = connectionHours * 3_600
  return frames === 0 ? seconds / silenceSeconds : frames / Math.expm1((frames / seconds) * silenceSeconds)
}

/** Names the assumptions that AWS, or another assumption, makes impossible. */
export function contradictionsIn(assumptions: Assumptions): readonly string[] {
  const { clients, clientsAChat, hoursADay, connectionsADay } = assumptions
  const { messages, deliveries } = traffic(assumptions)
  const least = Math.ceil(hoursADay / longestConnectionHours)
  const requestsASecond = (messages + deliveries) / (daysAMonth * 24 * 3_600)
  return [
    connectionsADay < least &&
      `${hoursADay} hours a day take at least ${least} connections, since API Gateway closes each after two hours: ` +
        `set --connections-a-day ${least}.`,
    clients > 0 &&
      clientsAChat > clients &&
      `A chat of ${count(clientsAChat)} has more subscribers than there are clients, ${count(clients)}.`,
    requestsASecond > defaultRequestsASecond &&
      `${count(requestsASecond)} messages and deliveries per second, on average, exceed API Gateway's quota of ` +
        `${count(defaultRequestsASecond)} per account and region, unless AWS raises it.`,
  ].filter((sentence) => sentence !== false)
}

function count(number: number): string {
  return number.toLocaleString('en', { maximumFractionDigits: 0 })
}

interface TableUse extends Assumptions {
  readonly connections: number
  readonly messages: number
  readonly publications: number
  readonly replays: number
  readonly keptAlive: number
  readonly loggedBytes: number
}

/** Capacity units of both tables: docs/reference/data-model.md lists the calls of each step. */
function tableUnits(use: TableUse): { readonly writes: number; readonly reads: number } {
  // A connection: put the client and its index entry, acknowledge it with another index write, put a subscription and
  // its index entry, delete all four. Its clientId: the holder, what is left behind and the cut. Kept open: another
  // index entry, put and deleted.
  const ofConnection = 2 + 2 + 2 + 4 + 3 + (use.keepAlive ? 2 : 0)
  const ofReplay = 4
  // The item for each KB, its local index, and a hundredth of a reservation.
  const ofPublication = Math.ceil(use.loggedBytes / 1_024) + 1 + 0.01
  const countedOperations = use.connections + use.messages
  const listeners = Math.ceil((use.clientsAChat * bytesASubscriber) / bytesAPageUnit)
  return {
    writes:
      use.connections * ofConnection + countedOperations + use.replays * ofReplay + use.publications * ofPublication,
    reads:
      // The client, its subscriptions and its end; of the clientId: the holder, what is there, and the cut, twice.
      use.connections * (3 + 4) +
      use.replays * (4 + Math.ceil((use.missedAConnection * use.loggedBytes) / 4_096)) +
      use.messages +
      // Who listens, to the chat and to the language; the operation; whether the event is in the log.
      use.publications * (listeners + 0.5 + 1 + 1) +
      (use.keptAlive * bytesASubscriber) / bytesAPageUnit,
  }
}
