/** How many posts may be under way. */
export interface Window {
  /** At least 1. */
  readonly size: number
  /** A post was delivered. */
  widen(): void
  /** A post was throttled. @param startedAt the number that `mark` gave when it was started */
  shrink(startedAt: number): void
  /** Numbers a post that is started. */
  mark(): number
}

/**
 * Additive increase, multiplicative decrease, as in TCP (RFC 5681): a throttled post halves the window, a window's worth of
 * delivered ones makes it one wider. Posts that were under way when it was halved are throttled for the same reason: they do
 * not halve it again.
 */
export function createWindow(maxSize: number): Window {
  let size = maxSize
  let started = 0
  let halvedAt = 0
  return {
    get size() {
      return Math.max(1, Math.floor(size))
    },
    widen: () => {
      if (size < maxSize) size = Math.min(maxSize, size + 1 / size)
    },
    shrink: (startedAt) => {
      if (startedAt <= halvedAt) return
      halvedAt = started
      size = Math.max(1, size / 2)
    },
    mark: () => ++started,
  }
}
