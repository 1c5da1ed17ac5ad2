/**
 * Limits the number of posts under way by additive increase, multiplicative decrease, as TCP does (RFC 5681). A
 * throttled post halves the window; a full window of delivered posts widens it by one. Posts that were under way when
 * the window was halved do not halve it again, because they are throttled for the same reason.
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
    /** Numbers a post when it starts. */
    mark: () => ++started,
    /** Call when a post was delivered. */
    widen: () => {
      if (size < maxSize) size = Math.min(maxSize, size + 1 / size)
    },
    /** Call when a post was throttled. @param startedAt the number of the post */
    shrink: (startedAt: number) => {
      if (startedAt <= halvedAt) return
      halvedAt = started
      size = Math.max(1, size / 2)
    },
  }
}
