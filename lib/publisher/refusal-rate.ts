/**
 * How often API Gateway refuses posts for the moment (429, 5xx) to connections that it does serve in the end. A refusal does not say
 * why: the account's quota is used up, or the buffer of this one client is full, because it does not read. What it does
 * not say can be told from the others: refusals of the first kind come to all alike.
 */
export interface RefusalRate {
  /** A connection was served, after so many refusals in a row. */
  served(refusals: number): void
  /**
   * Whether so many refusals in a row of one connection among some are hardly chance, at the rate at which the others were refused
   * meanwhile: then the connection does not read.
   *
   * @param sinceMs when the first of them came, in epoch milliseconds
   */
  isNoChance(refusals: number, connections: number, sinceMs: number): boolean
}

/** How often somebody who reads may be taken for stalled, in fan-outs: rarely while others are refused, too. It comes back. */
const acceptedErrors = { whileRefusing: 0.001, otherwise: 0.1 }

/** Fewer are never enough, since a burst of the account may refuse as many. */
const fewestRefusals = 4

/** What is counted together. What came up to so long before a connection's first refusal tells something of that, too. */
const spanMs = 200

/** So many are kept: no connection is tried for longer. */
const maxSpans = 300

interface Span {
  readonly fromMs: number
  posts: number
  refused: number
}

/** @param now the clock in epoch milliseconds. One for each process, whose events may come one right after the other. */
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
    isNoChance(refusals, connections, sinceMs) {
      if (refusals < fewestRefusals) return false
      let posts = 0
      let refused = 0
      for (const span of spans) {
        if (span.fromMs + spanMs < sinceMs) continue
        posts += span.posts
        refused += span.refused
      }
      // The chance that a connection which is served like the others is refused so often in a row. Each refusal makes the next one
      // likelier, by the rule of succession: of little seen, little is certain.
      let chance = 1
      for (let n = 0; n < refusals; n++) chance *= (refused + 1 + n) / (posts + 2 + n)
      return chance * connections < (refused === 0 ? acceptedErrors.otherwise : acceptedErrors.whileRefusing)
    },
  }
}
