/** The state of a room, as the service sends it. */
export interface Present {
  /** ISO 8601. The state with the latest time is the truth. */
  readonly at: string
  readonly count: number
  /** Undefined or null if there are too many members to list. */
  readonly members?: readonly { readonly id: string; readonly name?: string | null }[] | null
}

/** A person who is writing. `by` distinguishes two with the same name. */
export interface Writer {
  readonly by: string
  readonly name: string
  /** Epoch milliseconds from which the writer counts as idle, unless another typing event arrives. */
  readonly untilMs: number
}

/** How long a typing event is valid. A page repeats it every three seconds. */
export const writingMs = 6_000

/** The later of two states, which may arrive in any order. */
export function laterOf(known: Present | undefined, next: Present): Present {
  return known && known.at > next.at ? known : next
}

/** The members' names in alphabetical order, and the number of members without a name. */
export function namesOf({ count, members }: Present): { readonly names: readonly string[]; readonly others: number } {
  const names = (members ?? []).flatMap(({ name }) => (name ? [name] : [])).sort((a, b) => a.localeCompare(b))
  return { names, others: count - names.length }
}

const fewNames = 3

/** One line, such as `2 here: Ada and Ben`; only the number if there are too many to list. */
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

/** Adds a writer, or extends the time of one. */
export function afterWriting(writers: readonly Writer[], writer: Writer): readonly Writer[] {
  const others = writers.filter(({ by }) => by !== writer.by)
  return others.length === writers.length
    ? [...writers, writer]
    : writers.map((other) => (other.by === writer.by ? writer : other))
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}
