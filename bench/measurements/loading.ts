import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { functionNames, outDir } from '../build'
import { functionEnvironment } from '../contenders/function-environment'
import { environmentWith, pinned } from '../processes'
import { addTo, median, type Plan } from './plan'

export interface LoadingRow {
  readonly name: string
  /** The version of Node. */
  readonly node: string
  readonly ms: number
  /** Relative to a process of the same Node that loads nothing. */
  readonly ratio: number
}

/**
 * Measures loading of each deployed function, and of the peers' functions, relative to a process that loads nothing.
 */
export function measureLoading({ loadingRounds }: Plan): readonly LoadingRow[] {
  const empty = join(outDir, 'empty.js')
  writeFileSync(empty, '')
  const files = [
    { name: 'nothing', file: empty },
    ...functionNames.map((name) => ({ name, file: join(outDir, 'functions', `${name}.js`) })),
    { name: 'publish without logger and metrics', file: join(outDir, 'functions-silent/publish.js') },
    { name: 'graphql-lambda-subscriptions', file: join(outDir, 'drivers/lambda-subscriptions.js') },
    { name: 'aws-lambda-graphql', file: join(outDir, 'aws-lambda-graphql/driver.js') },
  ]
  const nodes = nodesToMeasure()
  const times = new Map<string, number[]>()
  for (let round = 0; round < loadingRounds; round++) {
    for (const { name, file } of files) {
      for (const { node, program } of nodes) addTo(times, `${name} ${node}`, loadMs(file, program))
    }
  }
  return files.flatMap(({ name }) =>
    nodes.map(({ node }) => {
      const ms = median(times.get(`${name} ${node}`) ?? [])
      return { name, node, ms, ratio: ms / median(times.get(`nothing ${node}`) ?? []) }
    }),
  )
}

/** This Node, and the one whose path is in BENCH_NODE: the functions run on a newer version. */
function nodesToMeasure() {
  const nodes = [{ program: process.execPath, node: process.version }]
  const program = process.env['BENCH_NODE']
  if (program === undefined) return nodes
  return [...nodes, { program, node: execFileSync(program, ['--version'], { encoding: 'utf8' }).trim() }]
}

/** Milliseconds that a fresh process takes to load a file and exit. */
function loadMs(file: string, program: string): number {
  const [command, args] = pinned(0, [file], program)
  const env = environmentWith(functionEnvironment)
  const startMs = performance.now()
  execFileSync(command, args, { env, stdio: 'ignore' })
  return performance.now() - startMs
}
