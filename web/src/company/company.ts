/** Who is in a room, as the service tells it. */
export interface Present {
  /** ISO 8601: of two states, the later one is the truth. */
  readonly at: string
  readonly count: number
  /** Undefined or null where there are too many to name. */
  readonly members?: readonly { readonly id: string; readonly name?: string | null }[] | null
}

/** Somebody who writes: of two with one name, `by` tells which. */
export interface Writer {
  readonly by: string
  readonly name: string
  /** Epoch milliseconds. The writer counts as idle from then on, unless another event says that they still write. */
  readonly untilMs: number
}

/** A page that is written in says so again every three seconds. */
export const writingMs = 6_000

/** The later of two states: they may come in any order. */
export function laterOf(known: Present | undefined, next: Present): Present {
  return known && known.at > next.at ? known : next
}

/** The names of those who have one, in the order of the alphabet, and how many others there are. */
export function namesOf({ count, members }: Present): { readonly names: readonly string[]; readonly others: number } {
  const names = (members ?? []).flatMap(({ name }) => (name ? [name] : [])).sort((a, b) => a.localeCompare(b))
  return { names, others: count - names.length }
}

const fewNames = 3

/** In a line: `2 here: Ada and Ben`, or only how many where there are too many to name. */
export function companyInWords(present: Present): string {
  const { names, others } = namesOf(present)
  const here = `${present.count.toLocaleString('en')} here`
  if (names.length === 0) return here
  const shown = names.length + others <= fewNames + 1 ? names : names.slice(0, fewNames)
  const rest = names.length - shown.length + others
  return `${here}: ${listed([...shown, ...(rest > 0 ? [rest === 1 ? '1 other' : `${rest} others`] : [])])}`
}

/** `Ann is writing`, `Ann and Ben are writing`, `Several people are writing`; empty if nobody is. */
export function writersInWords(writers: readonly Writer[]): string {
  if (writers.length === 0) return ''
  if (writers.length > fewNames) return 'Several people are writing'
  return `${listed(writers.map(({ name }) => name))} ${writers.length === 1 ? 'is' : 'are'} writing`
}

/** Those who write after somebody has said that they do. */
export function afterWriting(writers: readonly Writer[], writer: Writer): readonly Writer[] {
  const others = writers.filter(({ by }) => by !== writer.by)
  return others.length === writers.length
    ? [...writers, writer]
    : writers.map((other) => (other.by === writer.by ? writer : other))
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}
