import { expect, it } from '@jest/globals'
import { defaultAssumptions, monthly, monthlyCost } from '../../tools/monthly-cost'

const nothing = Object.fromEntries(
  Object.entries(defaultAssumptions).map(([name, value]) => [name, typeof value === 'number' ? 0 : value]),
)

it('an idle stage costs only its dashboard, alarms and metrics', () => {
  const { CloudWatch, ...calls } = monthlyCost({ ...defaultAssumptions, ...nothing })
  expect(Object.values(calls).every((cost) => cost === 0)).toBe(true)
  expect(CloudWatch).toBeCloseTo(monthly.metrics * 0.3 + monthly.alarmMetrics * 0.1 + 3)
})

it('monthlyCost counts connection minutes, each message that is sent and each translation', () => {
  const cost = monthlyCost({ ...defaultAssumptions, clients: 1, hoursADay: 24, messagesADay: 1, clientsAChat: 100 })
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
  const cost = (missedAConnection: number) => monthlyCost({ ...defaultAssumptions, clients: 1, missedAConnection })
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
