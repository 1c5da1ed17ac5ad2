import { parseArgs } from 'node:util'
import { type Assumptions, contradictionsIn, defaultAssumptions, meaningOf, monthlyCost } from './monthly-cost'
import { messageOf } from '../lib/errors'

/**
 * `npm run cost [-- --hours-a-day 8 --keep-alive …]`: the monthly cost of 1,000, 100,000 and 1,000,000 clients, by list
 * prices. Every assumption is an option; `--clients` prints one column for another number. Warns about assumptions that
 * contradict each other.
 */
const defaultColumns = [1_000, 100_000, 1_000_000]

const optionOf = new Map(
  (Object.keys(defaultAssumptions) as (keyof Assumptions)[]).map((name) => [
    name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    name,
  ]),
)

/** The highest number that an option may have, if it is limited. */
const most: Readonly<Record<string, number>> = { 'hours-a-day': 24, 'silence-seconds': 540 }

function main(): void {
  const { help, ...values } = parseOptions()
  if (help === true) {
    console.log(usage())
    return
  }
  const assumptions: Assumptions = { ...defaultAssumptions, ...assumptionsOf(values) }
  const columns = values['clients'] === undefined ? defaultColumns : [assumptions.clients]
  const all = columns.map((clients) => ({ ...assumptions, clients }))
  print(all)
  for (const { clients, ...others } of all) {
    for (const sentence of contradictionsIn({ clients, ...others })) {
      console.error(`Warning for ${clients.toLocaleString('en')} clients: ${sentence}`)
    }
  }
}

function usage(): string {
  const options = [...optionOf].map(([option, name]) => {
    const given = name === 'keepAlive' ? `--${option}` : `--${option} <n>`
    const byDefault = name === 'clients' ? defaultColumns.join(', ') : String(defaultAssumptions[name])
    return `  ${given.padEnd(27)} ${meaningOf[name]} (default: ${byDefault})`
  })
  return `Usage: npm run cost [-- options]

Multiplies list prices of us-east-1 by the calls that the service makes, and prints dollars a month.

${options.join('\n')}
  ${'--help'.padEnd(27)} prints this help`
}

function parseOptions(): Readonly<Record<string, unknown>> {
  const options: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } }
  for (const [option, name] of optionOf) options[option] = { type: name === 'keepAlive' ? 'boolean' : 'string' }
  try {
    return parseArgs({ options }).values
  } catch (error) {
    throw new Error(`${messageOf(error)} (see npm run cost -- --help)`, { cause: error })
  }
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
  const limit = most[option] ?? Infinity
  if (number > limit) throw new Error(`Expected --${option} to be at most ${limit}, got "${String(value)}".`)
  if (value !== '' && Number.isFinite(number) && number >= 0) return number
  throw new Error(`Expected --${option} to be a non-negative number, got "${String(value)}".`)
}

function print(columns: readonly Assumptions[]): void {
  const [first] = columns
  if (!first) return
  for (const [option, name] of optionOf) {
    if (name !== 'clients') console.log(`--${option.padEnd(21)} ${String(first[name])}`)
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
