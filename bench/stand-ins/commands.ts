/** Sets the behaviour of the stand-ins from now on. They respond with the counts since the last command. */
export interface StandInCommand {
  /** Of each post. DynamoDB responds immediately. */
  readonly delayMs: number
  readonly slow?: string
  readonly gone?: string
  readonly throttleAbovePerSecond?: number
}

export interface StandInReport {
  /** Connections that received a frame. */
  readonly served: number
  /** Accepted frames. */
  readonly frames: number
  readonly calls: Readonly<Record<string, number>>
  readonly readUnits: number
  readonly writeUnits: number
}
