import { type ContenderName, contenderNames, type PublisherName, publisherNames } from '../contenders/names'

/** The extent of a run. */
export interface Plan {
  readonly isShort: boolean
  readonly sizes: readonly number[]
  readonly contenders: readonly ContenderName[]
  readonly publishers: readonly PublisherName[]
  /** The response times of @connections, for warm measurements. */
  readonly delaysMs: readonly number[]
  /** Rounds of warm measurements, plus one that is not counted. */
  readonly rounds: number
  /** Sizes of the round that is not counted. */
  readonly warmUpSizes: readonly number[]
  /** Numbers of subscribers for fresh processes. */
  readonly freshSizes: readonly number[]
  /** Repetitions for fresh processes: they vary more than warm ones, and few subscribers take little time. */
  readonly freshRounds: (subscribers: number) => number
  /** For this project; the libraries publish to the first two sizes. */
  readonly memorySizes: readonly number[]
  /** Clients that stay connected while the calls of one client are counted. */
  readonly others: number
  readonly loadingRounds: number
}

const sizes = [1, 10, 100, 1_000, 10_000]

const long: Plan = {
  isShort: false,
  sizes,
  contenders: contenderNames,
  publishers: publisherNames,
  delaysMs: [0, 10],
  rounds: 3,
  warmUpSizes: sizes,
  freshSizes: sizes,
  freshRounds: (subscribers) => (subscribers > 100 ? 3 : 9),
  memorySizes: [1_000, 10_000, 100_000],
  others: 100,
  loadingRounds: 25,
}

/** Less than 5 minutes: one round, and of similar contenders only the best. */
const short: Plan = {
  ...long,
  isShort: true,
  contenders: ['project', 'signed-loop', 'lambda-subscriptions-tuned', 'stateful'],
  publishers: ['project', 'lambda-subscriptions-tuned'],
  delaysMs: [10],
  rounds: 1,
  warmUpSizes: [100, 1_000],
  freshSizes: [1, 100, 10_000],
  freshRounds: (subscribers) => (subscribers > 100 ? 1 : 3),
  memorySizes: [1_000, 10_000],
  others: 20,
  loadingRounds: 3,
}

export function planOf(isShort: boolean): Plan {
  return isShort ? short : long
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** Why a figure is missing, short enough for a table cell. */
export function reasonOf(error: unknown): string {
  return `failed: ${String(error).replaceAll(/\s+/g, ' ').slice(0, 120)}`
}

/** Adds a sample to a list. */
export function addTo<Sample>(samples: Map<string, Sample[]>, key: string, sample: Sample): void {
  const known = samples.get(key)
  if (known) known.push(sample)
  else samples.set(key, [sample])
}
