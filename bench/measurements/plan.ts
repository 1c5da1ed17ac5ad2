import { type ContenderName, contenderNames, type PublisherName, publisherNames } from '../contenders/names'

/** How much is measured. */
export interface Plan {
  readonly isShort: boolean
  readonly sizes: readonly number[]
  readonly contenders: readonly ContenderName[]
  readonly publishers: readonly PublisherName[]
  /** How long an answer of @connections takes, in the warm part. */
  readonly delaysMs: readonly number[]
  /** Of the warm part, besides one that is not counted. */
  readonly rounds: number
  /** Sizes of the round that is not counted. */
  readonly warmUpSizes: readonly number[]
  /** Of fresh processes, and how many subscribers they publish to. */
  readonly freshSizes: readonly number[]
  /** Times that each is measured: one varies more than a warm one, and few subscribers take little time. */
  readonly freshRounds: (subscribers: number) => number
  /** Of this project; the libraries publish to the first two of them. */
  readonly memorySizes: readonly number[]
  /** Clients that stay while one comes and goes, whose calls are counted. */
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

/** Less than five minutes: one round, and of those who do the same the one that does it best. */
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
