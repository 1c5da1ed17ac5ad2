import type { IssuerError } from './token-verifier'

/**
 * Reports to the operators that tokens cannot be verified. The logger is loaded only here, because `connect` does not
 * need it otherwise.
 */
export async function reportIssuerError(error: IssuerError): Promise<void> {
  const [{ logger }, { report }] = await Promise.all([
    import('../observability/logger'),
    import('../observability/metrics'),
  ])
  logger.error('Tokens cannot be checked.', { error })
  report({ IssuerUnreachable: 1 })
}
