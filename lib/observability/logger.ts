import { getXRayTraceIdFromEnv } from '@aws-lambda-powertools/commons/utils/env'
import { Logger } from '@aws-lambda-powertools/logger'

type Fields = Readonly<Record<string, unknown>>

const powertools = new Logger()

/** What `correlate` puts on each line. As one of the logger's own keys it would cost an event nearly half of what a line does. */
let correlation: Readonly<Record<string, string>> = {}

/**
 * Writes one line of JSON to the function's log, from the level on that `POWERTOOLS_LOG_LEVEL` names. Fields must never hold a
 * token, a message's text or connection parameters.
 */
export const logger = {
  /** Whether `debug` writes anything: for what would be called thousands of times to write nothing. */
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
   * Puts the id of a message that a user sent on each line from now on, so that one search finds its way from the mutation through
   * both SNS topics to every delivery. A Lambda handles one event at a time: each event sets it, or takes the last one off.
   */
  correlate: (id: string | undefined): void => {
    correlation = id === undefined ? {} : { correlation_id: id }
  },
}

/** What a line of `logger.info` holds besides its fields and the name of the service, for a line that is written by somebody else. */
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

/** Logs an error that was kept from the client, under the id that the client was given. */
export function logMaskedError(error: Error, id: string): void {
  logger.error('An error was kept from the client.', { id, error })
}
