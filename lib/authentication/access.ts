import { ConfigurationError } from '../errors'
import type { Identity, KeepClaims } from '../identity'
import { type Reason, reasons } from './reasons'
import { reportIssuerError } from './report-issuer-error'
import { reportRefusal } from './report-refusal'
import { IssuerError, tokenVerifier, type VerifyToken } from './token-verifier'

/** The outcome of checking a token, or its absence. */
export type Admission =
  | { readonly kind: 'identified'; readonly identity: Identity }
  /** There is no token, and none is required, or it may still come. */
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'refused'; readonly reason: Reason }
  /** The issuer is unreachable, so the token cannot be verified at the moment. A retry may succeed. */
  | { readonly kind: 'undecided' }

/** The access rules of the stage. */
export interface Access {
  /** Whether every operation requires a token. */
  readonly required: boolean
  /** Whether the stage accepts tokens: it has an issuer. */
  readonly takesTokens: boolean
  /**
   * Checks a token. No token is `anonymous`, whether or not one is required.
   *
   * @param bearer by which the log line of a refusal can be found
   */
  admit(token: string | undefined, bearer: Bearer): Promise<Admission>
}

/** Who sends a token: the connection, or over HTTP the request, as in the access logs. */
export type Bearer = { readonly connectionId: string } | { readonly requestId: string }

export interface AccessOptions {
  readonly required: boolean
  /** Verifies tokens; undefined if the stage has no issuer and so accepts no tokens. */
  readonly verify: VerifyToken | undefined
  readonly onIssuerError?: (error: IssuerError) => Promise<void>
}

export function createAccess({ required, verify, onIssuerError = reportIssuerError }: AccessOptions): Access {
  return {
    required,
    takesTokens: verify !== undefined,
    async admit(token, bearer) {
      if (token === undefined) return { kind: 'anonymous' }
      if (!verify) return refused(reasons.noIssuer, bearer)
      try {
        const verification = await verify(token)
        if (verification.kind === 'invalid') return await refused(verification.reason, bearer)
        return { kind: 'identified', identity: verification.identity }
      } catch (error) {
        if (!(error instanceof IssuerError)) throw error
        await onIssuerError(error)
        return { kind: 'undecided' }
      }
    },
  }
}

async function refused(reason: Reason, bearer: Bearer): Promise<Admission> {
  await reportRefusal('A token was refused.', { ...bearer, reason })
  return { kind: 'refused', reason }
}

/**
 * Reads the access rules from the environment: `ACCESS` is `open` or `tokens`; `TOKEN_ISSUER` and `TOKEN_AUDIENCE`
 * identify the accepted tokens. Throws a ConfigurationError if they are unset or contradictory, so that a missing
 * setting never grants access.
 *
 * @param identity the same as in `defineApi`
 */
export function readAccess({ identity }: { readonly identity?: KeepClaims | undefined } = {}): Access {
  const { ACCESS: access, TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience } = process.env
  if (access !== 'open' && access !== 'tokens') {
    throw new ConfigurationError(
      `Expected the environment variable ACCESS to be "open" or "tokens", got "${access ?? ''}".`,
    )
  }
  if (!issuer) {
    if (access === 'open') return createAccess({ required: false, verify: undefined })
    throw new ConfigurationError(
      'Expected the environment variable TOKEN_ISSUER to be set, because ACCESS is "tokens".',
    )
  }
  if (!audience)
    throw new ConfigurationError('Expected the environment variable TOKEN_AUDIENCE to be set, because TOKEN_ISSUER is.')
  return createAccess({ required: access === 'tokens', verify: tokenVerifier({ issuer, audience, identity }) })
}
