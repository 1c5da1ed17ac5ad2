import { parseArgs } from 'node:util'
import { type Assumptions, defaultAssumptions, monthlyCost } from './monthly-cost'
import { messageOf } from '../lib/errors'

/**
 * `npm run cost [-- --hours-a-day 8 --keep-alive …]`: the monthly cost of 1,000, 100,000 and 1,000,000 clients, by list
 * prices. Every assumption is an option; `--clients` prints one column for another number.
 */
const defaultColumns = [1_000, 100_000, 1_000_000]

const optionOf = new Map(
  Object.keys(defaultAssumptions).map((name) => [
    name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    name,
  ]),
)

function main(): void {
  const { values } = parseArgs({ options: optionSettings() })
  const assumptions: Assumptions = { ...defaultAssumptions, ...assumptionsOf(values) }
  const columns = values['clients'] === undefined ? defaultColumns : [assumptions.clients]
  print(columns.map((clients) => ({ ...assumptions, clients })))
}

function optionSettings(): Record<string, { type: 'string' | 'boolean' }> {
  const settings: Record<string, { type: 'string' | 'boolean' }> = {}
  for (const option of optionOf.keys()) settings[option] = { type: option === 'keep-alive' ? 'boolean' : 'string' }
  return settings
}

function assumptionsOf(values: Readonly<Record<string, unknown>>): Readonly<Record<string, number | boolean>> {
  const given: Record<string, number | boolean> = {}
  for (const [option, name] of optionOf) {
    const value = values[option]
    if (value !== undefined) given[name] = typeof value === 'boolean' ? value : readNumber(option, value)
  }
  return given
}

function readNumber(option: string, value: unknown): number {
  const number = Number(value)
  if (option === 'hours-a-day' && number > 24)
    throw new Error(`Expected --${option} to be at most 24, got "${String(value)}".`)
  if (value !== '' && Number.isFinite(number) && number >= 0) return number
  throw new Error(`Expected --${option} to be a non-negative number, got "${String(value)}".`)
}

function print(columns: readonly Assumptions[]): void {
  const [first] = columns
  if (!first) return
  for (const [option, name] of optionOf) {
    const [, value] = Object.entries(first).find(([key]) => key === name) ?? []
    if (option !== 'clients') console.log(`--${option.padEnd(21)} ${String(value)}`)
  }
  const costs = columns.map(monthlyCost)
  const row = (title: string, cells: readonly string[]) => {
    console.log(title.padEnd(26) + cells.map((cell) => cell.padStart(20)).join(''))
  }
  console.log()
  row(
    'Dollars a month',
    columns.map(({ clients }) => `${clients.toLocaleString('en')} clients`),
  )
  for (const title of Object.keys(costs[0] ?? {})) {
    row(
      title,
      costs.map((cost) => dollars(cost[title] ?? 0)),
    )
  }
  row(
    'Together',
    costs.map((cost) => dollars(Object.values(cost).reduce((sum, each) => sum + each, 0))),
  )
}

function dollars(amount: number): string {
  return amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

try {
  main()
} catch (error) {
  console.error(messageOf(error))
  process.exitCode = 1
}
