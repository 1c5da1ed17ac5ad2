import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { functionNames, outDir } from '../build'
import { functionEnvironment } from '../contenders/function-environment'
import { environmentWith, pinned } from '../processes'
import { addTo, median, type Plan } from './plan'

export interface LoadingRow {
  readonly name: string
  /** The version of Node, with its options. */
  readonly node: string
  readonly ms: number
  /** To a process of the same Node, with the same options, that loads nothing. */
  readonly ratio: number
}

/** As serverless.yml sets NODE_OPTIONS. */
const deployedOptions = '--enable-source-maps'

/** What loads each function as it is deployed, and what others deploy, beside a process that loads nothing. */
export function measureLoading({ isShort }: Plan): readonly LoadingRow[] {
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
  for (let round = 0; round < (isShort ? 7 : 25); round++) {
    for (const { name, file } of files) {
      for (const { node, program, options } of nodes)
        addTo(times, `${name} ${node}`, loadMs({ file, program, options }))
    }
  }
  return files.flatMap(({ name }) =>
    nodes.map(({ node }) => {
      const ms = median(times.get(`${name} ${node}`) ?? [])
      return { name, node, ms, ratio: ms / median(times.get(`nothing ${node}`) ?? []) }
    }),
  )
}

/** This one with and without source maps, and the one of BENCH_NODE, a file, as it is deployed. */
function nodesToMeasure() {
  const own = { program: process.execPath, version: process.version }
  const nodes = [
    { ...own, options: deployedOptions },
    { ...own, options: '' },
  ]
  const program = process.env['BENCH_NODE']
  if (program !== undefined) {
    const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()
    nodes.push({ program, version, options: deployedOptions })
  }
  return nodes.map(({ version, ...rest }) => ({ node: `${version} ${rest.options}`.trim(), ...rest }))
}

/** Milliseconds that a fresh process takes to load a file, and to end. */
function loadMs({ file, program, options }: { file: string; program: string; options: string }): number {
  const [command, args] = pinned(0, [file], program)
  const env = environmentWith({ ...functionEnvironment, NODE_OPTIONS: options })
  const startMs = performance.now()
  execFileSync(command, args, { env, stdio: 'ignore' })
  return performance.now() - startMs
}
