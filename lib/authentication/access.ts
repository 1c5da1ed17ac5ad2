import { ConfigurationError } from '../errors'
import type { Identity, KeepClaims } from '../identity'
import { reportIssuerError } from './report-issuer-error'
import { reportRefusal } from './report-refusal'
import { IssuerError, tokenVerifier, type VerifyToken } from './token-verifier'

/** What a token, or the lack of one, comes to. */
export type Admission =
  | { readonly kind: 'identified'; readonly identity: Identity }
  /** No token, where none is needed, or where one may still come. */
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nobody can say now: the issuer is out of reach. Nobody gets in by it, and the same token may be good in a moment. */
  | { readonly kind: 'undecided' }

/** Who may come in, at this stage. */
export interface Access {
  /** Whether no operation may run without a token. */
  readonly required: boolean
  /** Whether a token can be good: the stage has an issuer. */
  readonly takesTokens: boolean
  /** Looks at a token. None is `anonymous`, whether or not one is required. */
  admit(token: string | undefined): Promise<Admission>
}

export interface AccessOptions {
  readonly required: boolean
  /** Checks tokens; undefined where a stage has no issuer, and so no token can be good. */
  readonly verify: VerifyToken | undefined
  readonly onIssuerError?: (error: IssuerError) => Promise<void>
}

export function createAccess({ required, verify, onIssuerError = reportIssuerError }: AccessOptions): Access {
  return {
    required,
    takesTokens: verify !== undefined,
    async admit(token) {
      if (token === undefined) return { kind: 'anonymous' }
      if (!verify) return refused('This stage takes no tokens: it has no issuer of them.')
      try {
        const verification = await verify(token)
        if (verification.kind === 'invalid') return await refused(verification.reason)
        return { kind: 'identified', identity: verification.identity }
      } catch (error) {
        if (!(error instanceof IssuerError)) throw error
        await onIssuerError(error)
        return { kind: 'undecided' }
      }
    },
  }
}

async function refused(reason: string): Promise<Admission> {
  await reportRefusal('A token was refused.', { reason })
  return { kind: 'refused', reason }
}

/**
 * Reads who may come in from the environment: `ACCESS` is `open` or `tokens`, `TOKEN_ISSUER` and `TOKEN_AUDIENCE` say whose
 * tokens. Throws a ConfigurationError unless it is clear: what is not set lets nobody in.
 *
 * @param identity as `Api` has it
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
    throw new ConfigurationError('ACCESS is "tokens", so the environment variable TOKEN_ISSUER must name their issuer.')
  }
  if (!audience) throw new ConfigurationError('TOKEN_ISSUER is set, so TOKEN_AUDIENCE must be set, too.')
  return createAccess({ required: access === 'tokens', verify: tokenVerifier({ issuer, audience, identity }) })
}
