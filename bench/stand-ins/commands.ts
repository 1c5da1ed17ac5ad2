/** Tells the stand-ins how to behave from now on; they answer with what there was until now. */
export interface StandInCommand {
  /** Of each post; DynamoDB answers at once. */
  readonly delayMs: number
  readonly slow?: string
  readonly gone?: string
  readonly throttleAbovePerSecond?: number
}

export interface StandInReport {
  /** Connections that got a frame. */
  readonly served: number
  /** Frames that were taken. */
  readonly frames: number
  readonly calls: Readonly<Record<string, number>>
  readonly readUnits: number
  readonly writeUnits: number
}
