import type { IssuerError } from './token-verifier'

/** Tells those who run the service that tokens cannot be checked. The log is loaded only then: `connect` has no other use for it. */
export async function reportIssuerError(error: IssuerError): Promise<void> {
  const [{ logger }, { report }] = await Promise.all([
    import('../observability/logger'),
    import('../observability/metrics'),
  ])
  logger.error('Tokens cannot be checked.', { error })
  report({ IssuerUnreachable: 1 })
}
