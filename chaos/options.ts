import { parseArgs } from 'node:util'
import { messageOf } from '../lib/errors'

export interface Options {
  /** Determines the faults. */
  readonly seed: number
  /** How long faults are injected. */
  readonly seconds: number
  readonly clients: number
}

/** An option of the command line is invalid. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

export const help = `Usage: npm run chaos [-- options]

Runs the core, with the API of its tests, on a simulated cloud where everything fails now and then. Real clients drop their
connections, stop reading, lose their lines, and use tokens that expire. Then the faults end, and the command compares what
was published, logged and received. Exit code: 1 if they differ, 2 if an option is invalid.

  --seed <n>      from 0 to 4294967295: determines the faults; by default a new one each time, which is printed
  --seconds <n>   from 1 to 3600: how long faults are injected; 120 by default. The comparison takes up to 4 minutes more
  --clients <n>   from 1 to 100, half of each library, in two rooms; 8 by default
  --help          prints this help`

const limits = {
  seed: { least: 0, most: 2 ** 32 - 1, byDefault: () => Date.now() % 1_000_000 },
  seconds: { least: 1, most: 3_600, byDefault: () => 120 },
  clients: { least: 1, most: 100, byDefault: () => 8 },
} as const

/** Parses the command line. Throws an OptionError that names the invalid option. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args)
  if (values.help === true) return 'help'
  const number = (name: keyof Options) => {
    const { least, most, byDefault } = limits[name]
    const text = values[name]
    const value = text === undefined ? byDefault() : Number(text)
    if (text !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    throw new OptionError(`Expected --${name} to be a whole number from ${least} to ${most}, got "${String(text)}".`)
  }
  return { seed: number('seed'), seconds: number('seconds'), clients: number('clients') }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const options = { seed: text, seconds: text, clients: text, help: { type: 'boolean' } } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new OptionError(`${messageOf(error)} See npm run chaos -- --help.`)
  }
}
