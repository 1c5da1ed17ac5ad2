import { createTally, type Fault, type Faults, type Mishap, type Service } from './faults'

/** Of a thousand calls, so many have each fault. */
const faultsPerThousand: Readonly<Record<Service, Partial<Readonly<Record<Fault, number>>>>> = {
  dynamodb: { throttled: 20, serverError: 10, answerLost: 10, noAnswer: 1, killedBefore: 3, killedAfter: 3 },
  sns: { throttled: 10, serverError: 20, answerLost: 20, noAnswer: 5, killedBefore: 5, killedAfter: 5 },
  sqs: { serverError: 20, answerLost: 20, noAnswer: 5, killedBefore: 5, killedAfter: 5 },
  translate: { throttled: 60, serverError: 60, noAnswer: 5, killedBefore: 10, killedAfter: 10 },
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

/** Of a thousand deliveries of SNS, or ends of connections. */
const mishapsPerThousand: Readonly<Record<Mishap, number>> = {
  deliveredTwice: 100,
  deliveredLate: 200,
  disconnectNeverComes: 250,
}

export interface Chance extends Faults {
  /** From now on, something goes wrong now and then. */
  readonly begin: () => void
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
  let stopped = true
  let throttledUntilMs = 0

  const draw = (service: Service): Fault | undefined => {
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
      if (stopped) return undefined
      const fault = draw(call.service)
      if (fault === undefined) return undefined
      countFault(fault, call)
      const begins = fault === 'throttled' && call.service === 'execute-api' && Date.now() >= throttledUntilMs
      if (begins) throttledUntilMs = Date.now() + throttlingMs
      return fault
    },
    happens(mishap) {
      if (stopped || random() * 1_000 >= mishapsPerThousand[mishap]) return false
      countMishap(mishap)
      return true
    },
    begin: () => {
      stopped = false
    },
    stop: () => {
      stopped = true
    },
    counts,
  }
}
