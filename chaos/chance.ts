import { type AwsCall, createTally, type Fault, type Faults, type Mishap, type Service } from './faults'

/** The rate of each fault, per 1,000 calls. */
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

/**
 * The rate of each mishap, per 1,000 SNS deliveries, ends of connections, posts to clients, or messages from clients.
 */
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
   * Starts to inject faults: everything now and then, or, for DynamoDB calls of `default`, many lost responses, whose
   * call succeeded and is answered only on the second attempt.
   */
  readonly begin: (what: 'everything' | 'lostAnswers') => void
  /** Stops injecting faults. */
  readonly stop: () => void
}

/**
 * Injects faults at random, once it has begun.
 *
 * @param throttlingMs how long API Gateway throttles every post after the first throttled one
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
    let remaining = random() * 1_000
    for (const [fault, rate] of Object.entries(faultsPerThousand[service]) as [Fault, number][]) {
      remaining -= rate
      if (remaining < 0) return fault
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
