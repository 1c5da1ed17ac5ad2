import { expect, it } from '@jest/globals'
import { defaultAssumptions, monthlyCost } from '../../tools/monthly-cost'

const nothing = Object.fromEntries(Object.keys(defaultAssumptions).map((name) => [name, 0]))

it('asks for nothing but the dashboard, the alarms and the metrics where nobody is', () => {
  const { CloudWatch, ...calls } = monthlyCost({ ...defaultAssumptions, ...nothing })
  expect(Object.values(calls).every((cost) => cost === 0)).toBe(true)
  expect(CloudWatch).toBeCloseTo(9 * 0.3 + 9 * 0.1 + 3)
})

it('counts connection minutes, and each message and translation as often as it is sent', () => {
  const cost = monthlyCost({ ...defaultAssumptions, clients: 1, hoursADay: 24, messagesADay: 1, clientsAChat: 100 })
  expect(cost['API Gateway, connections']).toBeCloseTo(30 * 24 * 60 * (0.25 / 1e6), 10)
  expect(cost['API Gateway, messages']).toBeCloseTo((30 * 3 + 30 * 3 + 30 * 2 * 100) / 1e6, 10)
  expect(cost['Translate']).toBeCloseTo((30 * 2 * 60 * 15) / 1e6, 10)
})

it('grows with the clients, since nothing runs that nobody calls', () => {
  const variable = (clients: number) => {
    const cost = Object.entries(monthlyCost({ ...defaultAssumptions, clients }))
    return cost.filter(([title]) => title !== 'CloudWatch').reduce((sum, [, each]) => sum + each, 0)
  }
  expect(variable(100_000)).toBeCloseTo(100 * variable(1_000), 5)
})
