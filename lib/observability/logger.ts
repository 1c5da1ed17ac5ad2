import { getXRayTraceIdFromEnv } from '@aws-lambda-powertools/commons/utils/env'
import { Logger } from '@aws-lambda-powertools/logger'

type Fields = Readonly<Record<string, unknown>>

const powertools = new Logger()

/**
 * The fields that `correlate` adds to each line. As permanent keys of the Powertools logger, they would add nearly half
 * of a line's cost to each event.
 */
let correlation: Readonly<Record<string, string>> = {}

/**
 * Writes lines of JSON to the function's log, at or above the level in `POWERTOOLS_LOG_LEVEL`. Fields must never
 * contain a token, a message's text or connection parameters.
 */
export const logger = {
  /** Whether `debug` writes anything. Check it before thousands of calls. */
  writesDebug: ['DEBUG', 'TRACE'].includes(powertools.getLevelName()),
  debug: (message: string, fields: Fields = {}): void => {
    powertools.debug(message, { ...correlation, ...fields })
  },
  info: (message: string, fields: Fields = {}): void => {
    powertools.info(message, { ...correlation, ...fields })
  },
  warn: (message: string, fields: Fields = {}): void => {
    powertools.warn(message, { ...correlation, ...fields })
  },
  error: (message: string, fields: Fields = {}): void => {
    powertools.error(message, { ...correlation, ...fields })
  },
  /**
   * Adds the id of a user's message to each line from now on, so that one search follows it from the mutation through
   * both SNS topics to every delivery. A Lambda handles one event at a time: each event sets the id, or clears it.
   */
  correlate: (id: string | undefined): void => {
    correlation = id === undefined ? {} : { correlation_id: id }
  },
}

/**
 * The fields that `logger.info` adds to a line, except its own fields and the service name, for a line written by other
 * code.
 */
export function infoLine(message: string): Readonly<Record<string, string>> {
  const traceId = getXRayTraceIdFromEnv()
  return {
    level: 'INFO',
    message,
    timestamp: new Date().toISOString(),
    ...(traceId !== undefined && { xray_trace_id: traceId }),
    ...correlation,
  }
}

/** Logs an error that was hidden from the client, with the id that the client received. */
export function logMaskedError(error: Error, id: string): void {
  logger.error('An error was kept from the client.', { id, error })
}
