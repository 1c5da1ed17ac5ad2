import { parseArgs } from 'node:util'
import { messageOf } from '../lib/errors'

export interface Options {
  /** Draws the faults. */
  readonly seed: number
  /** How long things go wrong. */
  readonly seconds: number
  readonly clients: number
}

/** The command line asks for something that cannot be. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

export const help = `npm run chaos [-- options]

The core, with the API of its tests, on a cloud where everything fails now and then, with real clients that drop their
connections, do not read, lose their lines, and show tokens that expire. Then the faults end, and what was published, logged
and received is compared. Exits with 1 on a difference, with 2 if an option is wrong.

  --seed <n>      from 0 to 4294967295: draws the faults; by default another one each time, which is printed
  --seconds <n>   from 1 to 3600: how long things go wrong; 120 by default. It takes up to four minutes more to see what was lost
  --clients <n>   from 1 to 100, half of each library, in two rooms; 8 by default
  --help          prints this`

const limits = {
  seed: { least: 0, most: 2 ** 32 - 1, byDefault: () => Date.now() % 1_000_000 },
  seconds: { least: 1, most: 3_600, byDefault: () => 120 },
  clients: { least: 1, most: 100, byDefault: () => 8 },
} as const

/** Reads the command line. Throws an OptionError that names what is wrong with it. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args)
  if (values.help === true) return 'help'
  const number = (name: keyof Options) => {
    const { least, most, byDefault } = limits[name]
    const text = values[name]
    const value = text === undefined ? byDefault() : Number(text)
    if (text !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    throw new OptionError(`--${name} must be a whole number from ${least} to ${most}, not "${String(text)}".`)
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
