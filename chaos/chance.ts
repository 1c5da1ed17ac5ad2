import { type AwsCall, createTally, type Fault, type Faults, type Mishap, type Service } from './faults'

/** Of a thousand calls, so many have each fault. */
const faultsPerThousand: Readonly<Record<Service, Partial<Readonly<Record<Fault, number>>>>> = {
  dynamodb: { throttled: 20, serverError: 10, answerLost: 10, noAnswer: 1, killedBefore: 3, killedAfter: 3 },
  sns: { throttled: 10, serverError: 20, answerLost: 20, noAnswer: 5, killedBefore: 5, killedAfter: 5 },
  sqs: { serverError: 20, answerLost: 20, noAnswer: 5, killedBefore: 5, killedAfter: 5 },
  'execute-api': {
    throttled: 10,
    serverError: 20,
    answerLost: 10,
    noAnswer: 2,
    gone: 5,
    killedBefore: 3,
    killedAfter: 3,
  },
}

/** Of a thousand deliveries of SNS, ends of connections, posts to clients, or messages from them. */
const mishapsPerThousand: Readonly<Record<Mishap, number>> = {
  deliveredTwice: 100,
  deliveredLate: 200,
  disconnectNeverComes: 250,
  lineDies: 15,
  readerStalls: 15,
  integrationThrottled: 20,
  integrationFails: 20,
}

export interface Chance extends Faults {
  /**
   * From now on, something goes wrong now and then; or much of what `default` calls DynamoDB for is done, and answered
   * at the second try only.
   */
  readonly begin: (what: 'everything' | 'lostAnswers') => void
  /** From now on, nothing goes wrong. */
  readonly stop: () => void
}

/**
 * Decides by chance what goes wrong, once it has begun.
 *
 * @param throttlingMs how long API Gateway throttles every post once it has begun to
 */
export function createChance(random: () => number, throttlingMs: number): Chance {
  const { counts, countFault, countMishap } = createTally()
  let going: 'everything' | 'lostAnswers' | undefined
  let lostLast = false
  let throttledUntilMs = 0

  const draw = ({ service, functionName }: AwsCall): Fault | undefined => {
    if (going === 'lostAnswers') {
      if (service !== 'dynamodb' || functionName !== 'default') return undefined
      lostLast = !lostLast && random() < 0.8
      return lostLast ? 'answerLost' : undefined
    }
    if (service === 'execute-api' && Date.now() < throttledUntilMs) return 'throttled'
    let left = random() * 1_000
    for (const [fault, rate] of Object.entries(faultsPerThousand[service]) as [Fault, number][]) {
      left -= rate
      if (left < 0) return fault
    }
    return undefined
  }

  return {
    befalling(call) {
      if (!going) return undefined
      const fault = draw(call)
      if (fault === undefined) return undefined
      countFault(fault, call)
      const begins = fault === 'throttled' && call.service === 'execute-api' && Date.now() >= throttledUntilMs
      if (begins) throttledUntilMs = Date.now() + throttlingMs
      return fault
    },
    happens(mishap) {
      if (going !== 'everything' || random() * 1_000 >= mishapsPerThousand[mishap]) return false
      countMishap(mishap)
      return true
    },
    begin: (what) => {
      going = what
    },
    stop: () => {
      going = undefined
    },
    counts,
  }
}
