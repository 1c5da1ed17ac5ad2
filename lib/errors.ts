/** A setting is missing or wrong. Thrown while a function starts, so that the first invocation fails loudly. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** A call of AWS failed. `cause` is the reason: a lost connection, the answer of the service, or the SDK's error. */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError'
  readonly service: string
  readonly operation: string
  /** The HTTP status of the answer, if the service answered. */
  readonly status: number | undefined
  /** The service's code for the error, such as `ThrottlingException`, if its answer has one. */
  readonly code: string | undefined
  /** The body of the answer, if the service answered. It may hold what users have stored: not for the log. */
  readonly body: string | undefined

  constructor({
    service,
    operation,
    status,
    code,
    body,
    cause,
  }: {
    service: string
    operation: string
    status?: number | undefined
    code?: string | undefined
    body?: string | undefined
    cause: unknown
  }) {
    super(`${service} ${operation} failed: ${messageOf(cause)}`, { cause })
    this.service = service
    this.operation = operation
    this.status = status
    this.code = code
    this.body = body
  }
}

/** What an error says, or whatever else was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
