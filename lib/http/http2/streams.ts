import type { Exchange } from '../connection'

/** An exchange under way, with what has come of its response. */
export interface Stream {
  readonly id: number
  readonly exchange: Exchange
  readonly sentAtMs: number
  /** Octets of its body that the server would accept (RFC 9113, section 5.2). */
  window: number
  unsent: Buffer | undefined
  status: number | undefined
  readonly body: Buffer[]
}

/**
 * The streams under way, by their ids: consecutive odd numbers (RFC 9113, section 5.1.1). Not a Map, since a Map that
 * thousands of streams pass through keeps its old tables, and the streams in them, until the whole heap is collected.
 */
export class Streams {
  #inOrder: (Stream | undefined)[] = []
  /** The id at index 0. */
  #firstId = 1
  /** Everything before this index is empty. */
  #start = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The id of the next stream to be added. */
  get nextId(): number {
    return this.#firstId + 2 * this.#inOrder.length
  }

  add(stream: Stream): void {
    this.#inOrder.push(stream)
    this.#size++
  }

  get(id: number): Stream | undefined {
    return id % 2 === 1 && id >= this.#firstId ? this.#inOrder[(id - this.#firstId) / 2] : undefined
  }

  delete({ id }: Stream): void {
    if (!this.get(id)) return
    this.#inOrder[(id - this.#firstId) / 2] = undefined
    this.#size--
    while (this.#start < this.#inOrder.length && !this.#inOrder[this.#start]) this.#start++
    if (this.#start < 1_000) return
    this.#inOrder.splice(0, this.#start)
    this.#firstId += 2 * this.#start
    this.#start = 0
  }

  /** In the order in which they were opened. */
  all(): readonly Stream[] {
    return this.#inOrder.slice(this.#start).filter((stream) => stream !== undefined)
  }
}
