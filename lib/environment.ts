import { ConfigurationError } from './errors'

/** The value of an environment variable that serverless.yml sets. Throws a ConfigurationError that names it if it is not. */
export function required(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  const value = environment[name]
  if (value === undefined || value === '') {
    throw new ConfigurationError(
      `The environment variable ${name} is not set. serverless.yml sets it for each function that needs it.`,
    )
  }
  return value
}
