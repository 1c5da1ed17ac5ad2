/** Rows as a table: one column for each key, as wide as it needs. */
export function table(title: string, rows: readonly object[]): string {
  const texts = rows.map((row) => Object.entries(row).map(([name, value]) => [name, String(value)] as const))
  const names = [...new Set(texts.flatMap((row) => row.map(([name]) => name)))]
  const width = (name: string) =>
    Math.max(name.length, ...texts.map((row) => row.find(([key]) => key === name)?.[1].length ?? 0))
  const line = (cell: (name: string) => string) => `  ${names.map((name) => cell(name).padEnd(width(name))).join('  ')}`
  const lines = texts.map((row) => line((name) => row.find(([key]) => key === name)?.[1] ?? ''))
  return [title, line((name) => name), ...lines, ''].map((text) => text.trimEnd()).join('\n')
}

/** One row for each contender, one column for each size. */
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
