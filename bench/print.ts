import type { Cell, Report } from './run'

const round = (value: number, digits = 1) => value.toFixed(digits)

/** Prints a run as tables, ratios first. */
export function print({ machine, warm, first, calls, memory, trouble, loading }: Report): void {
  console.log(`Node ${machine.node}, ${machine.cores} cores (${machine.cpu}). All medians.\n`)
  for (const delayMs of [...new Set(warm.map((cell) => cell.delayMs))]) {
    console.log(`CPU for each delivery, warm, at ${delayMs} ms: ratio to the bare signed loop (µs; time µs)`)
    table(warmRows(warm.filter((cell) => cell.delayMs === delayMs)))
  }
  console.log('First publish of a fresh process, at 10 ms: ms from its start (ms from when it was loaded)')
  table(byContender(first, ({ fromStartMs, loadedMs }) => `${round(fromStartMs, 0)} (${round(loadedMs, 0)})`))
  console.log('Calls and read units of one publish')
  table(
    calls.map((row) => ({
      contender: row.contender,
      subscribers: row.subscribers,
      calls: Object.entries(row.calls)
        .map(([operation, count]) => `${count} ${operation}`)
        .join(', '),
      'read units': row.readUnits,
      '$ per million deliveries': row.subscribers === 0 ? '' : round(dollars(row), 3),
    })),
  )
  console.log('Peak memory above a publish to one, at 10 ms, in MB')
  table(byContender(memory, ({ megabytes }) => round(megabytes, 0)))
  console.log('Trouble')
  table(trouble)
  console.log('A process that loads the function, beside one that loads nothing')
  table(loading.map(({ name, ms, ratio }) => ({ name, ratio: round(ratio, 2), ms: round(ms, 0) })))
  console.log(
    'Ratios hold between machines, microseconds do not. The bare loop does nothing but post; what is below 1 has the faster\n' +
      'sender. Figures of a busy machine are for looking, not for quoting.',
  )
}

/** List prices of us-east-1: $1.00 a million messages, $0.125 a million read units. */
function dollars({ subscribers, readUnits }: { subscribers: number; readUnits: number }): number {
  return 1 + (readUnits / subscribers) * 0.125
}

function warmRows(cells: readonly Cell[]) {
  const bare = new Map(
    cells.filter(({ contender }) => contender === 'signed-loop').map(({ subscribers, cpuUs }) => [subscribers, cpuUs]),
  )
  return byContender(cells, ({ subscribers, cpuUs, wallUs }) => {
    const ratio = cpuUs / (bare.get(subscribers) ?? NaN)
    return `${round(ratio, 2)} (${round(cpuUs, 0)}; ${round(wallUs, 0)})`
  })
}

function byContender<Row extends { readonly contender: string; readonly subscribers: number }>(
  rows: readonly Row[],
  show: (row: Row) => string,
) {
  return [...new Set(rows.map(({ contender }) => contender))].map((contender) => ({
    contender,
    ...Object.fromEntries(
      rows.filter((row) => row.contender === contender).map((row) => [`to ${row.subscribers}`, show(row)]),
    ),
  }))
}

function table(rows: readonly object[]): void {
  const texts = rows.map((row) => Object.entries(row).map(([name, value]) => [name, String(value)] as const))
  const names = [...new Set(texts.flatMap((row) => row.map(([name]) => name)))]
  const width = (name: string) =>
    Math.max(name.length, ...texts.map((row) => row.find(([key]) => key === name)?.[1].length ?? 0))
  const line = (cell: (name: string) => string) =>
    console.log(`  ${names.map((name) => cell(name).padEnd(width(name))).join('  ')}`)
  line((name) => name)
  for (const row of texts) line((name) => row.find(([key]) => key === name)?.[1] ?? '')
  console.log('')
}
