/** What can go wrong with a call of AWS. */
export type Fault =
  | 'throttled'
  | 'serverError'
  /** The call is done, but its answer is lost. */
  | 'answerLost'
  /** Nothing is done, and nobody answers. */
  | 'noAnswer'
  /** The connection is over, says API Gateway; so it ends it, too. */
  | 'gone'
  /** The Lambda dies before the call, or after it. */
  | 'killedBefore'
  | 'killedAfter'

export type Service = 'dynamodb' | 'sns' | 'translate' | 'execute-api'

/** Of a thousand calls, so many have each fault. */
const rates: Readonly<Record<Service, Partial<Readonly<Record<Fault, number>>>>> = {
  dynamodb: { throttled: 20, serverError: 10, answerLost: 10, noAnswer: 5, killedBefore: 3, killedAfter: 3 },
  sns: { throttled: 10, serverError: 20, answerLost: 20, noAnswer: 10, killedBefore: 5, killedAfter: 5 },
  translate: { throttled: 60, serverError: 60, noAnswer: 10, killedBefore: 10, killedAfter: 10 },
  'execute-api': {
    throttled: 10,
    serverError: 20,
    answerLost: 10,
    noAnswer: 5,
    gone: 5,
    killedBefore: 3,
    killedAfter: 3,
  },
}

export interface Faults {
  /** What befalls the next call of a service; undefined if nothing does. */
  readonly next: (service: Service) => Fault | undefined
  readonly happens: (name: string, perThousand: number) => boolean
  readonly stop: () => void
  /** How often each has happened. */
  readonly counts: ReadonlyMap<string, number>
}

/**
 * Decides by chance what goes wrong, until it is stopped.
 *
 * @param throttlingMs how long API Gateway throttles every post once it has begun to
 */
export function createFaults(random: () => number, throttlingMs: number): Faults {
  const counts = new Map<string, number>()
  let stopped = false
  let throttledUntilMs = 0
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)

  const draw = (service: Service): Fault | undefined => {
    if (service === 'execute-api' && Date.now() < throttledUntilMs) return 'throttled'
    let left = random() * 1_000
    for (const [fault, rate] of Object.entries(rates[service]) as [Fault, number][]) {
      left -= rate
      if (left < 0) return fault
    }
    return undefined
  }

  return {
    next(service) {
      if (stopped) return undefined
      const fault = draw(service)
      if (fault) count(`${service} ${fault}`)
      if (fault === 'throttled' && service === 'execute-api') throttledUntilMs ||= Date.now() + throttlingMs
      if (throttledUntilMs < Date.now()) throttledUntilMs = 0
      return fault
    },
    happens(name, perThousand) {
      if (stopped || random() * 1_000 >= perThousand) return false
      count(name)
      return true
    },
    stop: () => {
      stopped = true
    },
    counts,
  }
}
