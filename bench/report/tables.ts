import { type ContenderName, contenders } from '../contenders/names'
import type { Report } from '../measurements/measure-all'
import type { WarmCell } from '../measurements/warm'
import { memorySizeRows, operationRows, publishRows } from './price-rows'
import { byContender, round, type Table } from './table'

/** The results of a run, ratios first. */
export function tablesOf(report: Report): readonly Table[] {
  const { warm, first, publishCalls, operations, memory, trouble, observability, memorySizes, loading } = report
  const name = (contender: ContenderName) => contenders[contender]
  const table = (title: string, rows: readonly object[]): Table => ({ title, rows })
  return [
    ...[...new Set(warm.map((cell) => cell.delayMs))].map((delayMs) =>
      table(
        `CPU for each delivery, warm, at ${delayMs} ms: ratio to the bare signed loop (µs; time µs)`,
        warmRows(warm.filter((cell) => cell.delayMs === delayMs)),
      ),
    ),
    table(
      'First publish of a fresh process, at 10 ms: ms from its start (ms from when it was loaded)',
      byContender(
        first,
        ({ fromStartMs, loadedMs, failure }) => failure ?? `${round(fromStartMs, 0)} (${round(loadedMs, 0)})`,
        name,
      ),
    ),
    table('One publish: calls, units, executions; price of a million deliveries', publishRows(publishCalls)),
    table('What a client does: calls, units, messages; price of a million of each', operationRows(operations)),
    table(
      'Peak memory above a publish to one, at 10 ms, in MB',
      byContender(memory, ({ megabytes, failure }) => failure ?? round(megabytes, 0), name),
    ),
    table(
      'Trouble',
      trouble.map(({ contender, ...row }) => ({ '': name(contender), ...row })),
    ),
    table(
      'Logger and metrics in a warm publish: its CPU at 0 ms, and its time at 10 ms',
      observability.map(({ subscribers, cpu, wall }) => ({
        'to so many': subscribers,
        'CPU, with / without': round(cpu.ratio, 2),
        'CPU with, µs': round(cpu.withUs, 0),
        'CPU without, µs': round(cpu.withoutUs, 0),
        'time, with / without': round(wall.ratio, 2),
        'time with, µs': round(wall.withUs, 0),
        'time without, µs': round(wall.withoutUs, 0),
      })),
    ),
    table('Loading, beside a process of the same Node that loads nothing: ratio (ms)', loadingRows(loading)),
    table('A model of memory sizes: ms of a warm invocation, $ of a million', memorySizeRows(memorySizes)),
  ]
}

export function machineOf({ machine }: Report): string {
  return `Node ${machine.node}, ${machine.cores} cores (${machine.cpu}). All medians.`
}

function warmRows(cells: readonly WarmCell[]) {
  const bare = new Map(
    cells.filter(({ contender }) => contender === 'signed-loop').map(({ subscribers, cpuUs }) => [subscribers, cpuUs]),
  )
  return byContender(
    cells,
    ({ subscribers, cpuUs, wallUs, failure }) => {
      const ratio = cpuUs / (bare.get(subscribers) ?? NaN)
      return failure ?? `${round(ratio, 2)} (${round(cpuUs, 0)}; ${round(wallUs, 0)})`
    },
    (contender) => contenders[contender],
  )
}

function loadingRows(rows: Report['loading']) {
  return [...new Set(rows.map(({ name }) => name))].map((name) => ({
    '': name,
    ...Object.fromEntries(
      rows
        .filter((row) => row.name === name)
        .map(({ node, ratio, ms }) => [node, `${round(ratio, 2)} (${round(ms, 0)})`]),
    ),
  }))
}
