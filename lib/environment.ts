import { ConfigurationError } from './errors'

/** The value of an environment variable that serverless.yml or Lambda sets. Throws a ConfigurationError that names it if it is not. */
export function required(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  const value = environment[name]
  if (value === undefined || value === '') {
    throw new ConfigurationError(
      `The environment variable ${name} is not set. In a function that needs it, serverless.yml or Lambda sets it.`,
    )
  }
  return value
}

export interface WholeNumber {
  readonly byDefault: number
  readonly atMost?: number
}

/** A whole number from the environment, above 0. Throws a ConfigurationError that names the variable if it is something else. */
export function wholeNumber(
  name: string,
  { byDefault, atMost = Number.MAX_SAFE_INTEGER }: WholeNumber,
  environment: NodeJS.ProcessEnv = process.env,
): number {
  const text = environment[name] ?? ''
  const value = text === '' ? byDefault : Number(text)
  if (Number.isSafeInteger(value) && value >= 1 && value <= atMost) return value
  const range = atMost === Number.MAX_SAFE_INTEGER ? 'above 0' : `from 1 to ${atMost}`
  throw new ConfigurationError(`The environment variable ${name} must be a whole number ${range}, not "${text}".`)
}

/** As `wholeNumber`, but undefined if it is not set. */
export function optionalWholeNumber(name: string, environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const isSet = (environment[name] ?? '') !== ''
  return isSet ? wholeNumber(name, { byDefault: 1 }, environment) : undefined
}

/** Whether a switch of the environment is on, as it is if it is not set. Throws a ConfigurationError that names the variable if it is neither. */
export function onOrOff(name: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  const text = environment[name] ?? ''
  if (text === 'on' || text === '') return true
  if (text === 'off') return false
  throw new ConfigurationError(`The environment variable ${name} must be "on" or "off", not "${text}".`)
}
