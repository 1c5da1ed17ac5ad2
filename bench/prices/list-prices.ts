/** List prices of us-east-1 in dollars, on demand. */
export const dollarsPerMillion = { readUnits: 0.125, writeUnits: 0.625, messages: 1, snsPublishes: 0.5 }

/** Lambda on arm64, the first tier. */
export const lambdaDollars = { perGbSecond: 0.0000133334, perMillionRequests: 0.2 }

export interface Billed {
  readonly readUnits: number
  readonly writeUnits: number
  /** API Gateway messages, in either direction. */
  readonly messages: number
  readonly snsPublishes: number
}

/** Dollars per million, without the price of Lambda itself. */
export function pricePerMillion(billed: Billed): number {
  return (
    billed.readUnits * dollarsPerMillion.readUnits +
    billed.writeUnits * dollarsPerMillion.writeUnits +
    billed.messages * dollarsPerMillion.messages +
    billed.snsPublishes * dollarsPerMillion.snsPublishes
  )
}
