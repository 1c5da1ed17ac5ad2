import { parseArgs } from 'node:util'
import { type Assumptions, contradictionsIn, defaultAssumptions, meaningOf, monthlyCost } from './monthly-cost'
import { messageOf } from '../lib/errors'

/** The numbers of clients in the columns, unless `--clients` gives another one. */
const defaultColumns = [1_000, 100_000, 1_000_000]

const optionOf = new Map(
  (Object.keys(defaultAssumptions) as (keyof Assumptions)[]).map((name) => [
    name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    name,
  ]),
)

/** The highest number that an option may have, if it is limited. */
const most: Readonly<Record<string, number>> = { 'hours-a-day': 24, 'silence-seconds': 540 }

interface CostReport {
  readonly text: string
  /** Assumptions that contradict each other, as sentences. */
  readonly warnings: readonly string[]
}

/**
 * The monthly cost of 1,000, 100,000 and 1,000,000 clients, by list prices, or with `--help` the usage.
 *
 * @param args each assumption is an option; `--clients` gives one column for another number. Throws an Error for an
 *   unknown option or a value out of range.
 */
export function costReport(args: readonly string[]): CostReport {
  const { help, ...values } = parseOptions(args)
  if (help === true) return { text: usage(), warnings: [] }
  const assumptions: Assumptions = { ...defaultAssumptions, ...assumptionsOf(values) }
  const columns = values['clients'] === undefined ? defaultColumns : [assumptions.clients]
  const all = columns.map((clients) => ({ ...assumptions, clients }))
  const warnings = all.flatMap(({ clients, ...others }) =>
    contradictionsIn({ clients, ...others }).map(
      (sentence) => `Warning for ${clients.toLocaleString('en')} clients: ${sentence}`,
    ),
  )
  return { text: linesOf(all).join('\n'), warnings }
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

function parseOptions(args: readonly string[]): Readonly<Record<string, unknown>> {
  const options: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } }
  for (const [option, name] of optionOf) options[option] = { type: name === 'keepAlive' ? 'boolean' : 'string' }
  try {
    return parseArgs({ args, options }).values
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

function linesOf(columns: readonly Assumptions[]): readonly string[] {
  const [first] = columns
  if (!first) return []
  const options = [...optionOf].filter(([, name]) => name !== 'clients')
  const costs = columns.map(monthlyCost)
  const row = (title: string, cells: readonly string[]) =>
    title.padEnd(26) + cells.map((cell) => cell.padStart(20)).join('')
  const costRow = (title: string, of: (cost: (typeof costs)[number]) => number) =>
    row(
      title,
      costs.map((cost) => dollars(of(cost))),
    )
  return [
    ...options.map(([option, name]) => `--${option.padEnd(21)} ${String(first[name])}`),
    '',
    row(
      'Dollars a month',
      columns.map(({ clients }) => `${clients.toLocaleString('en')} clients`),
    ),
    ...Object.keys(costs[0] ?? {}).map((title) => costRow(title, (cost) => cost[title] ?? 0)),
    costRow('Together', (cost) => Object.values(cost).reduce((sum, each) => sum + each, 0)),
  ]
}

function dollars(amount: number): string {
  return amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
