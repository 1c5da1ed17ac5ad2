/** How much is measured. */
export interface Plan {
  readonly isShort: boolean
  readonly sizes: readonly number[]
  readonly rounds: number
}

export function planOf(isShort: boolean): Plan {
  return { isShort, sizes: [1, 10, 100, 1_000, 10_000], rounds: isShort ? 2 : 7 }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** Why a figure is missing, short enough for its cell. */
export function reasonOf(error: unknown): string {
  return `failed: ${String(error).replaceAll(/\s+/g, ' ').slice(0, 120)}`
}

/** Adds to a list of samples. */
export function addTo<Sample>(samples: Map<string, Sample[]>, key: string, sample: Sample): void {
  const known = samples.get(key)
  if (known) known.push(sample)
  else samples.set(key, [sample])
}
