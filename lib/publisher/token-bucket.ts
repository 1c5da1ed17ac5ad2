export interface TokenBucketOptions {
  /** Tokens added per second. */
  readonly ratePerSecond: number
  /** Capacity, and the initial number of tokens. */
  readonly burst: number
  readonly now: () => number
}

/** A rate limit with bursts, the algorithm of API Gateway itself ("token bucket algorithm", API Gateway throttling). */
export interface TokenBucket {
  /** Takes a token and returns 0, or returns the milliseconds until a token is available. */
  take(): number
}

export function createTokenBucket({ ratePerSecond, burst, now }: TokenBucketOptions): TokenBucket {
  let tokens = burst
  let filledMs = now()
  return {
    take() {
      const nowMs = now()
      tokens = Math.min(burst, tokens + ((nowMs - filledMs) / 1000) * ratePerSecond)
      filledMs = nowMs
      if (tokens < 1) return Math.max(1, ((1 - tokens) / ratePerSecond) * 1000)
      tokens--
      return 0
    },
  }
}
