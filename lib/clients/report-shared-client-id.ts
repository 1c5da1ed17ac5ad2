/** Two connections of one session that lived at the same time. */
export interface SharedClientId {
  /** The one that has lost the session, and has just ended. */
  readonly connectionId: string
  /** The one that took it. */
  readonly takenBy: string
}

/** Tells those who run the service that two clients use one `clientId`. The log is loaded only then: `disconnect` has no other use for it. */
export async function reportSharedClientId(shared: SharedClientId): Promise<void> {
  const { logger } = await import('../observability/logger')
  logger.warn(
    'Two clients were connected with the same clientId: only the later one can resume. Send another clientId from each page.',
    { ...shared },
  )
}
