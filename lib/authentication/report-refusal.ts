/**
 * Tells those who run the service who is not let in, and why: in one line of the log, without a token. The log is loaded only then: `connect`
 * has no other use for it.
 */
export async function reportRefusal(
  message: string,
  fields: Readonly<Record<string, string | undefined>> = {},
): Promise<void> {
  const { logger } = await import('../observability/logger')
  logger.info(message, fields)
}
