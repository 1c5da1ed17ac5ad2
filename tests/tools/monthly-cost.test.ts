import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { contradictionsIn, defaultAssumptions, monthly, monthlyCost } from '../../tools/monthly-cost'

const nothing = Object.fromEntries(
  Object.entries(defaultAssumptions).map(([name, value]) => [name, typeof value === 'number' ? 0 : value]),
)

it('an idle stage costs only its dashboard and alarms', () => {
  const { CloudWatch, ...calls } = monthlyCost({ ...defaultAssumptions, ...nothing })
  expect(Object.values(calls).every((cost) => cost === 0)).toBe(true)
  expect(CloudWatch).toBeCloseTo(monthly.alarmMetrics * 0.1 + 3)
})

/** Clients that only listen, eight hours a day, and to whom nothing is published. */
const silent = { ...defaultAssumptions, clients: 100_000, hoursADay: 8, connectionsADay: 4, messagesADay: 0 }

it('monthlyCost counts the pings of silent clients: two messages, an invocation, and its lines of both logs', () => {
  const [pinging, mute] = [240, 0].map((silenceSeconds) => {
    return monthlyCost({ ...silent, missedAConnection: 0, silenceSeconds })
  })
  const more = (title: string) => (pinging?.[title] ?? 0) - (mute?.[title] ?? 0)
  const pings = 100_000 * 8 * 30 * 15
  expect(more('API Gateway, messages')).toBeCloseTo(pings * (2 / 1e6), 5)
  expect(more('Lambda')).toBeCloseTo(pings * (0.2 / 1e6 + 0.03 * 0.5 * 0.000_013_333_4), 5)
  expect(more('CloudWatch')).toBeCloseTo((pings * (900 + 450) * 0.5) / 1e9, 5)
  expect(more('DynamoDB')).toBe(0)
})

it('monthlyCost counts fewer pings the more often a client receives something', () => {
  const messages = (eventsADay: number, silenceSeconds: number) =>
    monthlyCost({ ...silent, clientsAChat: 100_000, eventsADay, silenceSeconds })['API Gateway, messages'] ?? 0
  const pings = (eventsADay: number) => messages(eventsADay, 240) - messages(eventsADay, 0)
  expect(pings(120)).toBeLessThan(pings(0) * 0.6) // one event every four minutes
  expect(pings(120)).toBeGreaterThan(pings(0) * 0.5)
  expect(pings(2_400)).toBeLessThan(pings(0) * 0.001)
})

it('the default silence is that of createConnection', () => {
  const client = readFileSync(join(__dirname, '../../lib/client/connection.ts'), 'utf8')
  expect(client).toContain(`silenceSeconds = ${defaultAssumptions.silenceSeconds},`)
})

it('monthlyCost counts events that the stage publishes by itself: a publication and its deliveries each', () => {
  const cost = (eventsADay: number) =>
    monthlyCost({ ...defaultAssumptions, clients: 1, eventsADay, clientsAChat: 5, silenceSeconds: 0 })
  const [none, ten] = [cost(0), cost(10)]
  const more = (title: string) => (ten[title] ?? 0) - (none[title] ?? 0)
  expect(more('API Gateway, messages')).toBeCloseTo((10 * 30 * 5) / 1e6, 10)
  expect(more('SNS')).toBeCloseTo((10 * 30 * 0.5) / 1e6, 10)
  expect(more('Translate')).toBe(0)
})

it('without languages, a message is one event and is not translated', () => {
  const cost = (languages: number) =>
    monthlyCost({ ...defaultAssumptions, ...nothing, clients: 1, messagesADay: 1, clientsAChat: 7, languages })
  expect(cost(0)['API Gateway, messages']).toBeCloseTo((30 * (3 + 7)) / 1e6, 10)
  expect(cost(0)['SNS']).toBeCloseTo((30 * 0.5) / 1e6, 10)
  expect(cost(0)['Translate']).toBe(0)
  expect(cost(1)['SNS']).toBeCloseTo((30 * 2 * 0.5) / 1e6, 10) // the message goes to the translator first
})

it('contradictionsIn names connections of over two hours, chats larger than the stage, and rates over the quota', () => {
  expect(contradictionsIn(defaultAssumptions)).toEqual([])
  expect(contradictionsIn({ ...defaultAssumptions, hoursADay: 7, connectionsADay: 3 })).toEqual([
    expect.stringContaining('set --connections-a-day 4'),
  ])
  expect(contradictionsIn({ ...defaultAssumptions, hoursADay: 7, connectionsADay: 4 })).toEqual([])
  expect(contradictionsIn({ ...defaultAssumptions, clients: 19 })).toEqual([
    'A chat of 20 has more subscribers than there are clients, 19.',
  ])
  expect(contradictionsIn({ ...defaultAssumptions, clients: 100_000, clientsAChat: 100_000 })).toEqual([
    expect.stringContaining("exceed API Gateway's quota of 10,000 per account and region"),
  ])
})

it('monthlyCost counts connection minutes, each message that is sent and each translation', () => {
  const oneMessage = { ...defaultAssumptions, clients: 1, messagesADay: 1, clientsAChat: 100, silenceSeconds: 0 }
  const cost = monthlyCost({ ...oneMessage, hoursADay: 24 })
  expect(cost['API Gateway, connections']).toBeCloseTo(30 * 24 * 60 * (0.25 / 1e6), 10)
  expect(cost['API Gateway, messages']).toBeCloseTo((30 * 3 + 30 * 3 + 30 * 2 * 100 + 30) / 1e6, 10)
  expect(cost['Translate']).toBeCloseTo((30 * 2 * 60 * 15) / 1e6, 10)
})

it('monthlyCost counts the log of an event: writes per KB, its index, a read, a day of storage', () => {
  const oneMessage = { ...defaultAssumptions, ...nothing, clients: 1, messagesADay: 1, languages: 1 }
  const short = monthlyCost({ ...oneMessage, charactersAMessage: 60 })['DynamoDB'] ?? 0
  // Writes: the count of the operation, and the log. Reads: the client, the index of both topics, the operation's item,
  // and the log.
  const writes = 1 + 2.01
  const reads = 1 + 0.5 + 1 + 1
  expect(short).toBeCloseTo(30 * writes * (0.625 / 1e6) + 30 * reads * (0.125 / 1e6) + (820 / 1e9) * 0.25, 9)
  const long = monthlyCost({ ...oneMessage, charactersAMessage: 600 })['DynamoDB'] ?? 0
  expect(long - short).toBeCloseTo(30 * (0.625 / 1e6) + (1_080 / 1e9) * 0.25, 9)
})

it('monthlyCost counts 7.5 messages an hour for a connection that is kept open', () => {
  const kept = (keepAlive: boolean) =>
    monthlyCost({ ...defaultAssumptions, clients: 100_000, hoursADay: 24, keepAlive })['API Gateway, messages'] ?? 0
  expect(kept(true) - kept(false)).toBeCloseTo(540, 5)
})

it('monthlyCost counts a reconnect: a replay, its reads and writes, and each missed message', () => {
  const cost = (missedAConnection: number) =>
    monthlyCost({ ...defaultAssumptions, clients: 1, missedAConnection, silenceSeconds: 0 })
  const [none, three] = [cost(0), cost(3)]
  const more = (title: string) => (three[title] ?? 0) - (none[title] ?? 0)
  expect(more('API Gateway, messages')).toBeCloseTo((30 * 3) / 1e6, 10)
  expect(more('SNS')).toBeCloseTo((30 * 0.5) / 1e6, 10)
  expect(more('DynamoDB')).toBeCloseTo(30 * (4 * (0.625 / 1e6) + 5 * (0.125 / 1e6)), 10)
})

it('monthlyCost grows in proportion to the clients, except for CloudWatch', () => {
  const variable = (clients: number) => {
    const cost = Object.entries(monthlyCost({ ...defaultAssumptions, clients }))
    return cost.filter(([title]) => title !== 'CloudWatch').reduce((sum, [, each]) => sum + each, 0)
  }
  expect(variable(100_000)).toBeCloseTo(100 * variable(1_000), 5)
})
