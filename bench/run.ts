import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { buildAll, contenderNames, functionNames, outDir } from './build'
import { checkStandIn } from './check-stand-in'
import type { Measurement } from './contenders/measure'
import { connectionIdOf } from './model'
import { loadMs, prepareSocketsFor, startContender, startStandIns, type StandIns } from './processes'
import { plot } from './plot'
import { print } from './print'

/** `npm run bench [-- --short] [-- --json]`: docs/performance.md says how to read it. */
const isShort = process.argv.includes('--short')
const isJson = process.argv.includes('--json')
const sizes = [1, 10, 100, 1_000, 10_000]
const rounds = isShort ? 2 : 7
const delaysMs = [0, 10]

type Name = (typeof contenderNames)[number]

export interface Cell {
  readonly contender: Name
  readonly subscribers: number
  readonly delayMs: number
  /** CPU and time for each delivery, medians of the rounds, in microseconds. */
  readonly cpuUs: number
  readonly wallUs: number
}

/** All figures of one run. */
export type Report = Awaited<ReturnType<typeof measureAll>>

async function main(): Promise<void> {
  await buildAll()
  await checkStandIn()
  const report = await measureAll()
  writeFileSync(join(outDir, 'bench.svg'), plot(report.warm.filter(({ delayMs }) => delayMs === 10)))
  if (isJson) console.log(JSON.stringify(report, null, 2))
  else print(report)
}

async function measureAll() {
  const standIns = await startStandIns()
  try {
    return {
      machine: { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length },
      warm: await measureWarm(standIns),
      first: await measureFirst(standIns),
      calls: await countCalls(standIns),
      memory: await measureMemory(standIns),
      trouble: await measureTrouble(standIns),
      loading: measureLoading(),
    }
  } finally {
    standIns.stop()
  }
}

/** All contenders take turns in each round, so that what else the machine does hits all alike. */
async function measureWarm(standIns: StandIns): Promise<readonly Cell[]> {
  prepareSocketsFor(sizes)
  const contenders = []
  for (const name of contenderNames) contenders.push({ name, ...(await startContender(name, standIns)) })
  const samples = new Map<string, Measurement[]>()
  for (const delayMs of delaysMs) {
    await standIns.behave({ delayMs })
    for (let round = -1; round < rounds; round++) {
      for (const subscribers of sizes) {
        for (const { name, publish } of contenders) {
          // Connections that were idle while the others had their turn are opened again before.
          await publish(Math.min(subscribers, 100))
          await standIns.behave({ delayMs })
          const measurement = await publish(subscribers)
          await checkServed({ name, subscribers, standIns, delayMs })
          const key = `${name} ${subscribers} ${delayMs}`
          if (round >= 0) samples.set(key, [...(samples.get(key) ?? []), measurement])
        }
      }
    }
  }
  for (const { stop } of contenders) stop()
  return contenderNames.flatMap((contender) =>
    delaysMs.flatMap((delayMs) =>
      sizes.map((subscribers) => {
        const of = samples.get(`${contender} ${subscribers} ${delayMs}`) ?? []
        const each = (pick: (measurement: Measurement) => number) => median(of.map(pick)) / subscribers
        return {
          contender,
          subscribers,
          delayMs,
          cpuUs: each(({ cpuUs }) => cpuUs),
          wallUs: each(({ wallMs }) => wallMs * 1000),
        }
      }),
    ),
  )
}

/** A figure counts only if everyone got their frame, once. */
async function checkServed({
  name,
  subscribers,
  standIns,
  delayMs,
}: {
  name: Name
  subscribers: number
  standIns: StandIns
  delayMs: number
}): Promise<void> {
  const { served, posts } = await standIns.behave({ delayMs })
  if (name !== 'stateful' && (served !== subscribers || posts !== subscribers)) {
    throw new Error(`${name} posted ${posts} frames to ${served} connections, for ${subscribers} subscribers.`)
  }
}

/** The first publish of a fresh process at 10 ms: from the moment that it is loaded, and from its start. */
async function measureFirst(standIns: StandIns) {
  const names = ['project', 'graphql-lambda-subscriptions'] as const
  const samples = new Map<string, Measurement[]>()
  await standIns.behave({ delayMs: 10 })
  for (let round = 0; round < rounds; round++) {
    for (const subscribers of sizes) {
      for (const name of names) {
        const { publish, stop } = await startContender(name, standIns)
        const measurement = await publish(subscribers)
        stop()
        const key = `${name} ${subscribers}`
        samples.set(key, [...(samples.get(key) ?? []), measurement])
      }
    }
  }
  return names.flatMap((contender) =>
    sizes.map((subscribers) => {
      const of = samples.get(`${contender} ${subscribers}`) ?? []
      const loadedMs = median(of.map(({ wallMs }) => wallMs))
      return { contender, subscribers, loadedMs, fromStartMs: median(of.map(({ sinceStartMs }) => sinceStartMs)) }
    }),
  )
}

/** Requests and read units of one publish to 10,000, and of one that nobody listens to. */
async function countCalls(standIns: StandIns) {
  const reports = []
  for (const name of ['project', 'graphql-lambda-subscriptions'] as const) {
    const { publish, stop } = await startContender(name, standIns)
    for (const subscribers of [10_000, 0]) {
      await standIns.behave({ delayMs: 0 })
      await publish(subscribers)
      const { calls, readUnits } = await standIns.behave({ delayMs: 0 })
      reports.push({ contender: name, subscribers, calls, readUnits })
    }
    stop()
  }
  return reports
}

/** The peak of a fresh process above that of one that has published to a single subscriber. */
async function measureMemory(standIns: StandIns) {
  const sizesOf = isShort ? [1_000, 10_000] : [1_000, 10_000, 100_000]
  const reports = []
  for (const name of ['project', 'graphql-lambda-subscriptions'] as const) {
    for (const subscribers of sizesOf) {
      await standIns.behave({ delayMs: 10 })
      const { publish, stop } = await startContender(name, standIns)
      const idle = (await publish(1)).peakBytes
      const peak = (await publish(subscribers)).peakBytes
      stop()
      reports.push({ contender: name, subscribers, megabytes: (peak - idle) / 2 ** 20 })
    }
  }
  return reports
}

/** 1,000 subscribers at 10 ms, one of whom is gone or takes 4 s; 2,000 at an API that takes 500 a second. */
async function measureTrouble(standIns: StandIns) {
  const reports = []
  const one = connectionIdOf(500)
  const cases = [
    { trouble: 'one is gone', subscribers: 1_000, command: { delayMs: 10, gone: one } },
    { trouble: 'one takes 4 s', subscribers: 1_000, command: { delayMs: 10, slow: one } },
    { trouble: '500 a second', subscribers: 2_000, command: { delayMs: 10, throttleAbovePerSecond: 500 } },
  ]
  for (const name of ['project', 'graphql-lambda-subscriptions'] as const) {
    for (const { trouble, subscribers, command } of cases) {
      const { publish, stop } = await startContender(name, standIns)
      await standIns.behave(command)
      const outcome = await publish(subscribers).then(
        ({ wallMs }) => `${Math.round(wallMs)} ms`,
        (error: unknown) => `failed: ${String(error).slice(0, 120)}`,
      )
      const { served } = await standIns.behave({ delayMs: 0 })
      reports.push({ contender: name, trouble, subscribers, served, outcome })
      stop()
    }
  }
  return reports
}

/** Of each function as it is deployed, and of the library: beside a process that loads nothing. */
function measureLoading() {
  const empty = join(outDir, 'empty.js')
  writeFileSync(empty, '')
  const files = functionNames.map((name) => ({ name: name as string, file: join(outDir, 'functions', `${name}.js`) }))
  const times = new Map<string, number[]>()
  const all = [{ name: 'empty', file: empty }, ...files]
  for (let round = 0; round < (isShort ? 9 : 25); round++) {
    for (const { name, file } of all) times.set(name, [...(times.get(name) ?? []), loadMs(file)])
  }
  const emptyMs = median(times.get('empty') ?? [])
  return all.map(({ name }) => {
    const ms = median(times.get(name) ?? [])
    return { name, ms, ratio: ms / emptyMs }
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
