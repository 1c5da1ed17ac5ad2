/**
 * Logs for the operators who was refused and why, without the token. The logger is loaded only here, because `connect`
 * does not need it otherwise.
 */
export async function reportRefusal(
  message: string,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { logger } = await import('../observability/logger')
  logger.info(message, fields)
}
