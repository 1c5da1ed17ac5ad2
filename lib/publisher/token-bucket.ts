export interface TokenBucketOptions {
  /** Tokens that come in a second. */
  readonly ratePerSecond: number
  /** Tokens that it holds, and begins with. */
  readonly burst: number
  readonly now: () => number
}

/** A rate limit that allows a burst, as API Gateway's own ("token bucket algorithm", API Gateway throttling). */
export interface TokenBucket {
  /** Takes a token and returns 0; or takes none and returns the milliseconds until there is one. */
  take(): number
}

export function createTokenBucket({ ratePerSecond, burst, now }: TokenBucketOptions): TokenBucket {
  let tokens = burst
  let filledMs = now()
  return {
    take() {
      if (tokens < 1) {
        const nowMs = now()
        tokens = Math.min(burst, tokens + ((nowMs - filledMs) / 1000) * ratePerSecond)
        filledMs = nowMs
        if (tokens < 1) return Math.max(1, ((1 - tokens) / ratePerSecond) * 1000)
      }
      tokens--
      return 0
    },
  }
}
