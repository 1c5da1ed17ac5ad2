import { ConfigurationError } from '../errors'
import type { Identity } from './identity'
import { tokenVerifier, type VerifyToken } from './token-verifier'

/** What a token, or the lack of one, comes to. */
export type Admission =
  | { readonly kind: 'identified'; readonly identity: Identity }
  /** No token, where none is needed, or where one may still come. */
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Who may come in, at this stage. */
export interface Access {
  /** Whether no operation may run without a token. */
  readonly required: boolean
  /** Looks at a token. None is `anonymous`, whether or not one is required. */
  admit(token: string | undefined): Promise<Admission>
}

/** @param verify checks tokens; undefined where a stage has no issuer, and so no token can be good */
export function createAccess({ required, verify }: { required: boolean; verify: VerifyToken | undefined }): Access {
  return {
    required,
    async admit(token) {
      if (token === undefined) return { kind: 'anonymous' }
      if (!verify) return { kind: 'refused', reason: 'This stage takes no tokens: it has no issuer of them.' }
      const verification = await verify(token)
      return verification.kind === 'valid'
        ? { kind: 'identified', identity: verification.identity }
        : { kind: 'refused', reason: verification.reason }
    },
  }
}

/**
 * Reads who may come in from the environment: `ACCESS` is `open` or `tokens`, `TOKEN_ISSUER` and `TOKEN_AUDIENCE` say whose
 * tokens. Throws a ConfigurationError unless it is clear: what is not set lets nobody in.
 */
export function readAccess(environment: NodeJS.ProcessEnv = process.env): Access {
  const { ACCESS: access, TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience } = environment
  if (access !== 'open' && access !== 'tokens') {
    throw new ConfigurationError('The environment variable ACCESS must be "open" or "tokens".')
  }
  if (!issuer) {
    if (access === 'open') return createAccess({ required: false, verify: undefined })
    throw new ConfigurationError('ACCESS is "tokens", so the environment variable TOKEN_ISSUER must name their issuer.')
  }
  if (!audience) throw new ConfigurationError('TOKEN_ISSUER is set, so TOKEN_AUDIENCE must be set, too.')
  return createAccess({ required: access === 'tokens', verify: tokenVerifier({ issuer, audience }) })
}
