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

/** The assumptions about a month. Each is an option of `npm run cost`. */
export interface Assumptions {
  readonly clients: number
  /** Hours per day that each client is connected, on 30 days. */
  readonly hoursADay: number
  /**
   * Connections per client in these hours: all but the first follow a lost connection, such as API Gateway's close
   * after two hours.
   */
  readonly connectionsADay: number
  /** Events that a client misses per lost connection and receives in a replay, because it sends a `clientId`. */
  readonly missedAConnection: number
  /**
   * Whether the server sends a keep-alive to each connection every 8 minutes. A `pong` of the client costs the same
   * again.
   */
  readonly keepAlive: boolean
  /** Subscribers per chat, each of whom receives each message. */
  readonly clientsAChat: number
  /** Messages that each client sends per day. */
  readonly messagesADay: number
  readonly charactersAMessage: number
  readonly languages: number
  /** Memory of each function except `publish`. */
  readonly memoryMb: number
  /** Memory of `publish`, which has a whole vCPU. */
  readonly publishMemoryMb: number
  /** Duration of an invocation without deliveries. */
  readonly msAnInvocation: number
  /** Duration of a delivery in `publish`. */
  readonly msADelivery: number
}

export const defaultAssumptions: Assumptions = {
  clients: 1_000,
  hoursADay: 2,
  connectionsADay: 1,
  missedAConnection: 1,
  keepAlive: false,
  clientsAChat: 20,
  messagesADay: 10,
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

/** The numbers of custom metrics, and of metrics of alarms, which are billed by the month. */
export const monthly = { metrics: 13, alarmMetrics: 21 } as const

/** Dollars per month by service, from the calls that the service makes for its clients' activity. */
export function monthlyCost(assumptions: Assumptions): Readonly<Record<string, number>> {
  const { clients, hoursADay, clientsAChat, languages, charactersAMessage } = assumptions
  const connections = clients * assumptions.connectionsADay * daysAMonth
  const connectionHours = clients * hoursADay * daysAMonth
  const messages = clients * assumptions.messagesADay * daysAMonth
  const publications = messages * languages
  const deliveries = publications * clientsAChat
  const replayed = connections * assumptions.missedAConnection
  const replays = assumptions.missedAConnection > 0 ? connections : 0
  const keptAlive = assumptions.keepAlive ? connectionHours * keptAlivesAnHour : 0
  const keepAliveTurns = keptAlive > 0 ? daysAMonth * 24 * 60 : 0

  // In: connection_init, start, each mutation. Out: connection_ack, the mutation's data and complete, each event.
  const webSocketMessages = connections * 3 + messages * 3 + deliveries + replayed + keptAlive
  const accesses = connections * 4 + messages // $connect, $disconnect, connection_init, start, each mutation
  const others = connections * 4 + messages * (1 + languages)
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
    SNS: (messages + publications + replays) * price.snsPublish,
    Translate: publications * charactersAMessage * price.translatedCharacter,
    CloudWatch:
      ((invocations * logBytesAnInvocation + accesses * bytesAnAccess) / 1e9) * price.logGigabyte +
      monthly.metrics * price.metric +
      monthly.alarmMetrics * price.alarmMetric +
      price.dashboard,
  }
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
