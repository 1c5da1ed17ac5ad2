import { type AwsCall, createTally, type Fault, type Faults, type Mishap } from './faults'

/** What befalls which calls, and what else goes wrong. Of several that would befall the same call, the first does; it is no call to the others. */
export type Plan = readonly (PlannedFault | PlannedMishap)[]

export interface PlannedFault extends Which {
  readonly fault: Fault
  /** Calls that have all of this. */
  readonly of: Partial<AwsCall>
}

export interface PlannedMishap extends Which {
  readonly mishap: Mishap
}

/** Which ones of those that it could befall, by their numbers: 1 is the first since the plan is followed. All, if nothing is said. */
interface Which {
  readonly from?: number
  /** 2 is every second one of those. */
  readonly every?: number
  /** How many of those. */
  readonly times?: number
  /** How long after the first of those, in milliseconds. */
  readonly forMs?: number
}

export interface Planned extends Faults {
  /** Follows a plan from its beginning, and no other any more. What was counted before is forgotten. */
  readonly follow: (plan: Plan) => void
  /** What of it has not happened yet. */
  readonly outstanding: () => Plan
  /** How many calls were made since then that have all of this. */
  readonly calls: (of: Partial<AwsCall>) => number
}

/** Lets go wrong what was planned, and nothing else. */
export function createPlanned(): Planned {
  const { counts, countFault, countMishap } = createTally()
  let calls: AwsCall[] = []
  let faults: readonly Followed<PlannedFault>[] = []
  let mishaps: readonly Followed<PlannedMishap>[] = []

  return {
    follow(plan) {
      counts.clear()
      calls = []
      faults = plan.filter((planned) => 'fault' in planned).map(following)
      mishaps = plan.filter((planned) => 'mishap' in planned).map(following)
    },
    outstanding: () =>
      [...faults, ...mishaps].filter(({ hasHappened }) => !hasHappened()).map(({ planned }) => planned),
    calls: (of) => calls.filter((call) => has(call, of)).length,
    befalling(call) {
      calls.push(call)
      const due = faults.find(({ planned, isDue }) => has(call, planned.of) && isDue())
      const fault = due?.planned.fault
      if (fault) countFault(fault, call)
      return fault
    },
    happens(mishap) {
      const happens = mishaps.some(({ planned, isDue }) => planned.mishap === mishap && isDue())
      if (happens) countMishap(mishap)
      return happens
    },
    counts,
  }
}

function has(call: AwsCall, { service = call.service, functionName = call.functionName }: Partial<AwsCall>): boolean {
  return service === call.service && functionName === call.functionName
}

interface Followed<What> {
  readonly planned: What
  /** Asked once for each one that it could befall. */
  readonly isDue: () => boolean
  readonly hasHappened: () => boolean
}

function following<What extends Which>(planned: What): Followed<What> {
  const { from = 1, every = 1, times = Infinity, forMs = Infinity } = planned
  let asked = 0
  let happened = 0
  let endMs = Infinity
  return {
    planned,
    isDue() {
      const since = ++asked - from
      if (since < 0 || since % every !== 0 || happened >= times || Date.now() > endMs) return false
      if (++happened === 1) endMs = Date.now() + forMs
      return true
    },
    hasHappened: () => happened > 0,
  }
}
