/** A fault of an AWS call. */
export type Fault =
  | 'throttled'
  | 'serverError'
  /** The call succeeds, but its connection ends before the response. */
  | 'answerLost'
  /** The call is not performed, and no response ever arrives. */
  | 'noAnswer'
  /** API Gateway reports the connection as gone, and ends it. */
  | 'gone'
  /** The Lambda dies before the call, or after it. */
  | 'killedBefore'
  | 'killedAfter'

/** A fault outside of AWS calls. */
export type Mishap =
  /** SNS delivers a message twice. */
  | 'deliveredTwice'
  /** SNS delivers a message so late that others overtake it. */
  | 'deliveredLate'
  | 'disconnectNeverComes'
  /**
   * A client's line dies at a post. API Gateway accepts this post and all later ones, until it notices and closes the
   * connection with 1001.
   */
  | 'lineDies'
  /** A client stops reading. API Gateway refuses this post and all later ones, until the connection is closed. */
  | 'readerStalls'
  /** The integration of a message is throttled: API Gateway answers instead, and no function runs. */
  | 'integrationThrottled'
  /** The integration of a message fails after its function has finished: API Gateway answers instead. */
  | 'integrationFails'

export type Service = 'dynamodb' | 'sns' | 'sqs' | 'execute-api'

/** An AWS call by a function. */
export interface AwsCall {
  readonly service: Service
  readonly functionName: string
}

/** Decides which faults occur: at random (`chance.ts`), or as a test has planned (`plan.ts`). */
export interface Faults {
  /** The fault of a call, if any. Called once per call. */
  readonly befalling: (call: AwsCall) => Fault | undefined
  /** Whether a mishap occurs. Called once for each opportunity. */
  readonly happens: (mishap: Mishap) => boolean
  /** The number of occurrences, by fault and service, or by mishap. */
  readonly counts: ReadonlyMap<string, number>
}

export interface Tally {
  readonly counts: Map<string, number>
  readonly countFault: (fault: Fault, call: AwsCall) => void
  readonly countMishap: (mishap: Mishap) => void
}

export function createTally(): Tally {
  const counts = new Map<string, number>()
  const count = (name: string) => {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return {
    counts,
    countFault: (fault, { service }) => {
      count(`${service} ${fault}`)
    },
    countMishap: count,
  }
}
