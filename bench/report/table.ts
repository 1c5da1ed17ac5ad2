export interface Table {
  readonly title: string
  readonly rows: readonly object[]
}

/** Its columns: one per key of a row. */
function cellsOf({ rows }: Table): {
  readonly names: readonly string[]
  readonly lines: readonly (readonly string[])[]
} {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = rows.map((row) => {
    const cells = new Map(Object.entries(row).map(([name, value]) => [name, String(value)]))
    return names.map((name) => cells.get(name) ?? '')
  })
  return { names, lines }
}

/** Formats a table for a terminal, with columns as wide as needed. */
export function asText(table: Table): string {
  const { names, lines } = cellsOf(table)
  const widths = names.map((name, n) => Math.max(name.length, ...lines.map((line) => line[n]?.length ?? 0)))
  const line = (cells: readonly string[]) => `  ${cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join('  ')}`
  return [table.title, line(names), ...lines.map(line), ''].map((text) => text.trimEnd()).join('\n')
}

export function asMarkdown(table: Table): string {
  const { names, lines } = cellsOf(table)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [`## ${table.title}`, '', line(names), line(names.map(() => '---')), ...lines.map(line), ''].join('\n')
}

/** One row per contender, one column per size. */
export function byContender<Row extends { readonly contender: string; readonly subscribers: number }>(
  rows: readonly Row[],
  show: (row: Row) => string,
  nameOf: (contender: Row['contender']) => string,
): readonly object[] {
  return [...new Set(rows.map(({ contender }) => contender))].map((contender) => ({
    '': nameOf(contender),
    ...Object.fromEntries(
      rows.filter((row) => row.contender === contender).map((row) => [`to ${row.subscribers}`, show(row)]),
    ),
  }))
}

export function round(value: number, digits = 1): string {
  return value.toFixed(digits)
}

export function callsAsText(calls: Readonly<Record<string, number>>): string {
  return Object.entries(calls)
    .map(([operation, count]) => `${count} ${operation}`)
    .join(', ')
}
