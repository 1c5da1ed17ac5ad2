import { ConfigurationError } from './errors'

/**
 * Reads an environment variable that serverless.yml or Lambda sets. Throws a ConfigurationError that names it if it is
 * not set or empty.
 */
export function required(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  const value = environment[name]
  if (value === undefined || value === '') {
    throw new ConfigurationError(
      `The environment variable ${name} is not set. Set it for this function in serverless.yml.`,
    )
  }
  return value
}

/**
 * Reads a whole number above 0 from the environment. Throws a ConfigurationError that names the variable if the value
 * is anything else.
 */
export function wholeNumber(
  name: string,
  { byDefault, atMost = Number.MAX_SAFE_INTEGER }: { readonly byDefault: number; readonly atMost?: number },
  environment: NodeJS.ProcessEnv = process.env,
): number {
  const text = environment[name] ?? ''
  const value = text === '' ? byDefault : Number(text)
  if (Number.isSafeInteger(value) && value >= 1 && value <= atMost) return value
  const range = atMost === Number.MAX_SAFE_INTEGER ? 'above 0' : `from 1 to ${atMost}`
  throw new ConfigurationError(
    `Expected the environment variable ${name} to be a whole number ${range}, got "${text}".`,
  )
}

/** Like `wholeNumber`, but returns undefined if the variable is not set. */
export function optionalWholeNumber(name: string, environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const isSet = (environment[name] ?? '') !== ''
  return isSet ? wholeNumber(name, { byDefault: 1 }, environment) : undefined
}

/**
 * Reads a boolean from the environment. Throws a ConfigurationError that names the variable if it is neither `true` nor
 * `false`.
 */
export function trueOrFalse(
  name: string,
  { byDefault }: { readonly byDefault: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  const text = environment[name] ?? ''
  if (text === '') return byDefault
  if (text === 'true') return true
  if (text === 'false') return false
  throw new ConfigurationError(`Expected the environment variable ${name} to be "true" or "false", got "${text}".`)
}
