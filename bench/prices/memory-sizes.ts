import type { FunctionCost } from '../measurements/function-costs'
import { lambdaDollars } from './list-prices'

export const sizesMb = [128, 256, 512, 1024, 1769] as const

/** A function has one whole vCPU at 1,769 MB, and a share of one below ("Configure Lambda function memory"). */
const wholeProcessorMb = 1769

/**
 * Assumed response times in milliseconds. Calls to each service are sequential, except posts, of which 100 run
 * concurrently.
 */
export const assumedWaitsMs = { dynamoDb: 5, Publish: 15, TranslateText: 100, PostToConnection: 10 }
const postsAtOnce = 100

/** Assumed: a vCPU of Lambda takes twice the CPU time of the measuring machine. */
export const slowness = 2

export interface AtSize {
  readonly memoryMb: number
  /** Of a cold start, without Lambda's own part; of a warm invocation. */
  readonly initMs: number
  readonly warmMs: number
  /** Per million warm invocations. */
  readonly dollars: number
  /** Whether the peak leaves a fifth of the memory free. */
  readonly fits: boolean
}

export interface MemorySizes {
  readonly cost: FunctionCost
  readonly sizes: readonly AtSize[]
  /** The largest size that costs at most 10 % more than the cheapest. */
  readonly cheapest: number | undefined
  /** The smallest size that takes at most 10 % longer than the fastest. */
  readonly fastest: number | undefined
}

/**
 * Models duration and cost of a function at each memory size, from its CPU time. The model has not been verified on
 * Lambda.
 */
export function memorySizesOf(cost: FunctionCost): MemorySizes {
  const sizes = sizesMb.map((memoryMb) => atSize(cost, memoryMb))
  const fitting = sizes.filter(({ fits }) => fits)
  const leastDollars = Math.min(...fitting.map(({ dollars }) => dollars))
  const leastMs = Math.min(...fitting.map(({ warmMs }) => warmMs))
  return {
    cost,
    sizes,
    cheapest: fitting.findLast(({ dollars }) => dollars <= leastDollars * 1.1)?.memoryMb,
    fastest: fitting.find(({ warmMs }) => warmMs <= leastMs * 1.1)?.memoryMb,
  }
}

function atSize({ initMs, warmMs, peakMegabytes, calls }: FunctionCost, memoryMb: number): AtSize {
  const slower = slowness / Math.min(1, memoryMb / wholeProcessorMb)
  const { PostToConnection: posts = 0, ...oneByOne } = calls
  const waitMs = Object.entries(oneByOne).reduce((sum, [operation, count]) => sum + count * waitOf(operation), 0)
  // CPU work and waiting for posts overlap.
  const postingMs = Math.ceil(posts / postsAtOnce) * assumedWaitsMs.PostToConnection
  const durationMs = waitMs + Math.max(postingMs, warmMs * slower)
  const gbSeconds = (Math.ceil(durationMs) / 1000) * (memoryMb / 1024)
  return {
    memoryMb,
    initMs: initMs * slower,
    warmMs: durationMs,
    dollars: gbSeconds * lambdaDollars.perGbSecond * 1e6 + lambdaDollars.perMillionRequests,
    fits: peakMegabytes <= memoryMb * 0.8,
  }
}

function waitOf(operation: string): number {
  if (operation === 'Publish' || operation === 'TranslateText') return assumedWaitsMs[operation]
  return assumedWaitsMs.dynamoDb
}
