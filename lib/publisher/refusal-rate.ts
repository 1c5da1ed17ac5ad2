/**
 * The rate at which API Gateway refuses posts (429, 5xx) to connections that it serves in the end. A refusal has one of
 * two causes, which the response does not distinguish: the account's quota is exhausted, or the buffer of this client
 * is full because it does not read. Comparing connections does: an exhausted quota affects all of them alike.
 */
export interface RefusalRate {
  /** Records that a connection was served, after this many refusals in a row. */
  served(refusals: number): void
  /**
   * Whether this many refusals in a row are too improbable for one of `connections`, given the rate at which others
   * were refused meanwhile. If so, the connection does not read.
   *
   * @param sinceMs when the first refusal came, in epoch milliseconds
   */
  isImprobable(refusals: number, connections: number, sinceMs: number): boolean
}

/**
 * The accepted probability, per fan-out, of taking a client that reads for stalled. It is lower while others are
 * refused too. Such a client reconnects.
 */
const acceptedErrors = { whileRefusing: 0.001, otherwise: 0.1 }

/** Fewer refusals never suffice, because a burst of the account may cause as many. */
const fewestRefusals = 4

/** Length of a counting span. Posts up to this long before a connection's first refusal are included. */
const spanMs = 200

/** Maximum number of spans: no connection is retried for longer. */
const maxSpans = 300

interface Span {
  readonly fromMs: number
  posts: number
  refused: number
}

/**
 * @param now the clock in epoch milliseconds. Create one per process, because its events may follow closely on each
 * other
 */
export function createRefusalRate(now: () => number = Date.now): RefusalRate {
  const spans: Span[] = []
  let current: Span = { fromMs: 0, posts: 0, refused: 0 }
  return {
    served(refusals) {
      const nowMs = now()
      if (nowMs >= current.fromMs + spanMs) {
        current = { fromMs: nowMs, posts: 0, refused: 0 }
        spans.push(current)
        if (spans.length > maxSpans) spans.shift()
      }
      current.posts += refusals + 1
      current.refused += refusals
    },
    isImprobable(refusals, connections, sinceMs) {
      if (refusals < fewestRefusals) return false
      let posts = 0
      let refused = 0
      for (const span of spans) {
        if (span.fromMs + spanMs < sinceMs) continue
        posts += span.posts
        refused += span.refused
      }
      // The probability that a connection which is served like the others is refused this often in a row. By the rule
      // of succession, each refusal makes the next one likelier, and few observations give little certainty.
      let chance = 1
      for (let n = 0; n < refusals; n++) chance *= (refused + 1 + n) / (posts + 2 + n)
      return chance * connections < (refused === 0 ? acceptedErrors.otherwise : acceptedErrors.whileRefusing)
    },
  }
}
