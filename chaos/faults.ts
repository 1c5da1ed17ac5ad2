/** What can go wrong with a call of AWS. */
export type Fault =
  | 'throttled'
  | 'serverError'
  /** The call is done, but its connection ends before the answer. */
  | 'answerLost'
  /** Nothing is done, and nobody ever answers. */
  | 'noAnswer'
  /** The connection is over, says API Gateway; so it ends it, too. */
  | 'gone'
  /** The Lambda dies before the call, or after it. */
  | 'killedBefore'
  | 'killedAfter'

/** What can go wrong where no call is made. */
export type Mishap =
  /** SNS delivers a message a second time. */
  | 'deliveredTwice'
  /** SNS delivers a message so late that others overtake it. */
  | 'deliveredLate'
  | 'disconnectNeverComes'
  /**
   * A client's line dies at a post: API Gateway accepts this one and all that follow, until it notices and ends the
   * connection with 1001.
   */
  | 'lineDies'
  /** A client stops reading: API Gateway refuses this post and all that follow, until the connection is closed. */
  | 'readerStalls'
  /** The integration of a message is throttled: API Gateway answers in its place, and no function runs. */
  | 'integrationThrottled'
  /** The integration of a message fails after its function has done everything: API Gateway answers in its place. */
  | 'integrationFails'

export type Service = 'dynamodb' | 'sns' | 'sqs' | 'execute-api'

/** A call of AWS that a function makes. */
export interface AwsCall {
  readonly service: Service
  readonly functionName: string
}

/** Decides what goes wrong: by chance (`chance.ts`), or as a test has planned it (`plan.ts`). */
export interface Faults {
  /** What befalls a call; undefined if nothing does. Asked once for each. */
  readonly befalling: (call: AwsCall) => Fault | undefined
  /** Whether something else goes wrong. Asked once whenever it could. */
  readonly happens: (mishap: Mishap) => boolean
  /** How often each has happened, by what it was, and where that was a call, of which service. */
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
