/**
 * How many posts may be under way. Additive increase, multiplicative decrease, as in TCP (RFC 5681): a throttled post halves the window, a
 * window's worth of delivered ones makes it one wider. Posts that were under way when it was halved are throttled for the same reason: they
 * do not halve it again.
 */
export function createWindow(maxSize: number) {
  let size = maxSize
  let started = 0
  let halvedAt = 0
  return {
    /** At least 1. */
    get size() {
      return Math.max(1, Math.floor(size))
    },
    /** Numbers a post that is started. */
    mark: () => ++started,
    /** A post was delivered. */
    widen: () => {
      if (size < maxSize) size = Math.min(maxSize, size + 1 / size)
    },
    /** A post was throttled. @param startedAt its number */
    shrink: (startedAt: number) => {
      if (startedAt <= halvedAt) return
      halvedAt = started
      size = Math.max(1, size / 2)
    },
  }
}
