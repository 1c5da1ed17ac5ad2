/** A setting is missing or invalid. Thrown while a function starts, so that its first invocation fails. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/**
 * A call to AWS failed. `cause` is the reason: a lost connection, the error response of the service, or an error of the
 * SDK.
 */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError'
  readonly service: string
  readonly operation: string
  /** The HTTP status of the response; undefined if the service did not respond. */
  readonly status: number | undefined
  /** The error code of the response, such as `ThrottlingException`, if it has one. */
  readonly code: string | undefined
  /**
   * The body of the response; undefined if the service did not respond. It may contain user data, so it is not
   * enumerable: the logger, which writes every enumerable property, leaves it out.
   */
  declare readonly body: string | undefined

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
    Object.defineProperty(this, 'body', { value: body })
  }
}

/** The message of an error, or the text of any other thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
