import { type AwsCall, createTally, type Fault, type Faults, type Mishap } from './faults'

/**
 * The faults of a test, and the calls that they affect. If several match a call, the first one occurs, and the call
 * does not count for the others.
 */
export type Plan = readonly (PlannedFault | PlannedMishap)[]

export interface PlannedFault extends Which {
  readonly fault: Fault
  /** Affects calls that match all of these. */
  readonly of: Partial<AwsCall>
}

export interface PlannedMishap extends Which {
  readonly mishap: Mishap
}

/** Selects occurrences among the matching ones, numbered from 1 since the plan began. Default: all. */
interface Which {
  readonly from?: number
  /** 2 selects every second one. */
  readonly every?: number
  /** Maximum number of occurrences. */
  readonly times?: number
  /** Maximum time since the first occurrence, in milliseconds. */
  readonly forMs?: number
}

export interface Planned extends Faults {
  /** Follows a plan from its beginning, in place of any other. Resets all counts. */
  readonly follow: (plan: Plan) => void
  /** The parts of the plan that have not occurred yet. */
  readonly outstanding: () => Plan
  /** The number of matching calls since the plan began. */
  readonly calls: (of: Partial<AwsCall>) => number
}

/** Injects exactly the planned faults. */
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
  /** Called once per opportunity. */
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
