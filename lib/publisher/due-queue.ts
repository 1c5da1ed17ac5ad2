/** Items that wait for their time, the earliest first: a binary heap. */
export class DueQueue<T> {
  readonly #heap: { readonly dueMs: number; readonly item: T }[] = []

  get length(): number {
    return this.#heap.length
  }

  /** When the earliest is due; undefined if there is none. */
  get nextDueMs(): number | undefined {
    return this.#heap[0]?.dueMs
  }

  add(item: T, dueMs: number): void {
    const heap = this.#heap
    let index = heap.push({ item, dueMs }) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#swapUnlessOrdered(parent, index)) return
      index = parent
    }
  }

  /** Takes the earliest, due or not. */
  take(): T | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (first && last && heap.length > 0) {
      heap[0] = last
      this.#sink()
    }
    return first?.item
  }

  #sink(): void {
    for (let index = 0; ;) {
      const left = 2 * index + 1
      const right = left + 1
      const earlier = this.#dueMs(right) < this.#dueMs(left) ? right : left
      if (!this.#swapUnlessOrdered(index, earlier)) return
      index = earlier
    }
  }

  /** @returns whether the two changed places */
  #swapUnlessOrdered(upper: number, lower: number): boolean {
    const above = this.#heap[upper]
    const below = this.#heap[lower]
    if (!above || !below || above.dueMs <= below.dueMs) return false
    this.#heap[upper] = below
    this.#heap[lower] = above
    return true
  }

  #dueMs(index: number): number {
    return this.#heap[index]?.dueMs ?? Infinity
  }
}
