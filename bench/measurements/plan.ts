/** How much is measured. */
export interface Plan {
  readonly isShort: boolean
  readonly sizes: readonly number[]
  /** How long an answer of @connections takes, in the warm part. */
  readonly delaysMs: readonly number[]
  /** Of the warm part, besides one that is not counted. */
  readonly rounds: number
  /** Of fresh processes: one varies more than a warm one, and few subscribers take little time. */
  readonly freshRounds: (subscribers: number) => number
  readonly loadingRounds: number
}

export function planOf(isShort: boolean): Plan {
  const sizes = [1, 10, 100, 1_000, 10_000]
  return isShort
    ? { isShort, sizes, delaysMs: [10], rounds: 1, freshRounds: (n) => (n > 100 ? 1 : 5), loadingRounds: 7 }
    : { isShort, sizes, delaysMs: [0, 10], rounds: 3, freshRounds: (n) => (n > 100 ? 3 : 9), loadingRounds: 25 }
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
