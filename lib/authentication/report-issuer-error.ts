import type { IssuerError } from './token-verifier'

/** Tells those who run the service that tokens cannot be checked. The log is loaded only then: `connect` has no other use for it. */
export async function reportIssuerError(error: IssuerError): Promise<void> {
  const [{ log }, { report }] = await Promise.all([import('../log'), import('../observability/metrics')])
  log.error('Tokens cannot be checked.', { error })
  report({ IssuerUnreachable: 1 })
}
