/** A setting is missing or wrong. Thrown while a function starts, so that the first invocation fails loudly. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** A call of AWS failed after the SDK's own retries. `cause` is the SDK's error. */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError'
  readonly service: string
  readonly operation: string

  constructor({ service, operation, cause }: { service: string; operation: string; cause: unknown }) {
    super(`${service} ${operation} failed: ${messageOf(cause)}`, { cause })
    this.service = service
    this.operation = operation
  }
}

/** What an error says, or whatever else was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
