/** List prices in dollars, us-east-1, without free tiers and discounts. */
const price = {
  connectionMinute: 0.25 / 1e6, // API Gateway, WebSocket
  webSocketMessage: 1 / 1e6, // of up to 32 KB, in either direction
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.000_013_333_4, // arm64
  tableWrite: 0.625 / 1e6, // on demand; an index write counts again
  tableRead: 0.125 / 1e6, // on demand, strongly consistent, up to 4 KB
  snsPublish: 0.5 / 1e6, // deliveries to Lambda are free
  translatedCharacter: 15 / 1e6,
  logGigabyte: 0.5,
  metric: 0.3, // a month
  alarm: 0.1, // a month
  dashboard: 3, // a month
} as const

/** What a month is like. Each is an option of `npm run cost`. */
export interface Assumptions {
  readonly clients: number
  /** That each client is connected, in each of 30 days, in one connection. */
  readonly hoursADay: number
  /** That listen to one chat: as many as get each message. */
  readonly clientsAChat: number
  /** That each client sends in a day. */
  readonly messagesADay: number
  readonly charactersAMessage: number
  readonly languages: number
  /** Of each function but `publish`. */
  readonly memoryMb: number
  /** Of `publish`, which has a whole processor. */
  readonly publishMemoryMb: number
  /** That a function takes for anything but deliveries. */
  readonly msAnInvocation: number
  /** That `publish` takes for each delivery. */
  readonly msADelivery: number
}

export const defaultAssumptions: Assumptions = {
  clients: 1_000,
  hoursADay: 2,
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
const logBytesAnInvocation = 900 // two lines of ours and three of Lambda's
const bytesASubscriber = 160 // of the index
const bytesAPageUnit = 8_192 // a read of an index is eventually consistent: half a unit for 4 KB
const metrics = 9
const alarms = 9

/** Dollars a month by what they are paid for, from the calls that the service makes for what its clients do. */
export function monthlyCost(assumptions: Assumptions): Readonly<Record<string, number>> {
  const { clients, hoursADay, clientsAChat, languages, charactersAMessage } = assumptions
  const connections = clients * daysAMonth
  const messages = clients * assumptions.messagesADay * daysAMonth
  const publications = messages * languages
  const deliveries = publications * clientsAChat

  // In: connection_init, start, each mutation. Out: connection_ack, the mutation's data and complete, each event.
  const webSocketMessages = connections * 3 + messages * 3 + deliveries
  const others = connections * 4 + messages * (1 + languages)
  const invocations = others + publications
  const mbSeconds =
    (others * assumptions.msAnInvocation * assumptions.memoryMb +
      (publications * assumptions.msAnInvocation + deliveries * assumptions.msADelivery) *
        assumptions.publishMemoryMb) /
    1_000

  // A connection: put the client and its index entry, acknowledge it with another index write, put a subscription and its index
  // entry, delete all four. An operation: count it.
  const writes = connections * (2 + 2 + 2 + 4 + 1) + messages
  const reads =
    connections * 3 + messages + publications * (Math.ceil((clientsAChat * bytesASubscriber) / bytesAPageUnit) + 1)

  return {
    'API Gateway, connections': connections * hoursADay * 60 * price.connectionMinute,
    'API Gateway, messages': webSocketMessages * price.webSocketMessage,
    Lambda: invocations * price.lambdaRequest + (mbSeconds / 1_024) * price.lambdaGbSecond,
    DynamoDB: writes * price.tableWrite + reads * price.tableRead,
    SNS: (messages + publications) * price.snsPublish,
    Translate: publications * charactersAMessage * price.translatedCharacter,
    CloudWatch:
      ((invocations * logBytesAnInvocation) / 1e9) * price.logGigabyte +
      metrics * price.metric +
      alarms * price.alarm +
      price.dashboard,
  }
}
