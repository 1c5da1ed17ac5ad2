import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as v from 'valibot'
import { checkClaims, type Identity, type KeepClaims } from '../identity'

/** Signatures with a key pair only: whoever can check a token must not be able to make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** How far the clocks of the issuer and of Lambda may differ. */
const clockToleranceSeconds = 5

/** For the discovery document, and again for the keys: both together leave `connect` time to answer in its 10 s. */
const issuerTimeoutMs = 3_000
const defaultRefetchKeysAfterMs = 30_000

export type Verification =
  { readonly kind: 'valid'; readonly identity: Identity } | { readonly kind: 'invalid'; readonly reason: string }

/**
 * Checks a JSON Web Token: `invalid`, with a reason that tells nothing of the token, if it is not one of this issuer for this
 * audience that is good now. Throws an IssuerError if the issuer's keys cannot be had: then nobody can say.
 */
export type VerifyToken = (token: string) => Promise<Verification>

/** The keys of the issuer could not be fetched. `cause` is why. */
export class IssuerError extends Error {
  override readonly name = 'IssuerError'
}

export interface TokenVerifierOptions {
  /** As it stands in `iss`. */
  readonly issuer: string
  /** As it stands in `aud`, or, in an access token of Cognito, which has no `aud`, in `client_id`. */
  readonly audience: string
  /** Chooses further claims to keep: none if left out. What it throws, the check throws. */
  readonly identity?: KeepClaims | undefined
  /** How long an unknown key does not make the keys be fetched again: 30 s if left out. */
  readonly refetchKeysAfterMs?: number
}

/**
 * Tokens of an OpenID Connect issuer, Amazon Cognito among them. The keys are where its discovery document says; they are
 * fetched with the first token and kept for ten minutes. A token that is signed with an unknown key makes them be fetched again,
 * at most every 30 s: so keys can rotate at any time (jose, `createRemoteJWKSet`).
 */
export function tokenVerifier({
  issuer,
  audience,
  identity = () => ({}),
  refetchKeysAfterMs = defaultRefetchKeysAfterMs,
}: TokenVerifierOptions): VerifyToken {
  let keys: Promise<JWTVerifyGetKey> | undefined
  const issuerKeys = async (): Promise<JWTVerifyGetKey> => {
    keys ??= discoverKeys(issuer, refetchKeysAfterMs)
    try {
      return await keys
    } catch (cause) {
      keys = undefined // the next token asks again
      throw new IssuerError(`The keys of ${issuer} cannot be fetched.`, { cause })
    }
  }

  return async (token) => {
    const key = await issuerKeys()
    let payload: JWTPayload
    try {
      payload = await verified(token, key, issuer)
    } catch (error) {
      return explain(error, issuer)
    }
    if (!audiencesOf(payload).includes(audience)) return invalid('The token is meant for another audience.')
    return identified(payload, identity)
  }
}

/** A token that does not name its key is tried against each that it could be signed with. */
async function verified(token: string, keys: JWTVerifyGetKey, issuer: string): Promise<JWTPayload> {
  const options = { issuer, algorithms, clockTolerance: clockToleranceSeconds, requiredClaims: ['sub', 'exp'] }
  try {
    return (await jwtVerify(token, keys, options)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

const Discovery = v.object({ jwks_uri: v.pipe(v.string(), v.url()) })

/** OpenID Connect Discovery 1.0, section 4. */
async function discoverKeys(issuer: string, cooldownDuration: number): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetch(url, { signal: AbortSignal.timeout(issuerTimeoutMs) })
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`)
  const keysUrl = new URL(v.parse(Discovery, await response.json()).jwks_uri)
  return createRemoteJWKSet(keysUrl, { cooldownDuration, timeoutDuration: issuerTimeoutMs })
}

function audiencesOf({ aud, client_id: clientId }: JWTPayload): readonly unknown[] {
  return aud === undefined ? [clientId] : [aud].flat()
}

const hasExpired = 'The token has expired.'

const KnownClaims = v.object({ sub: v.string(), exp: v.number() })

function identified(payload: JWTPayload, keepClaims: KeepClaims): Verification {
  const known = v.safeParse(KnownClaims, payload)
  if (!known.success) return invalid('The claims of the token have another shape than expected.')
  const { sub: subject, exp } = known.output
  // Without a tolerance: what a token opens ends with it, so a connection would be over when it begins.
  if (exp <= Date.now() / 1000) return invalid(hasExpired)
  const claims = checkClaims(keepClaims(payload))
  return { kind: 'valid', identity: { subject, groups: groupsOf(payload), expiresAtSeconds: Math.floor(exp), claims } }
}

function groupsOf(payload: JWTPayload): string[] {
  return asGroups(payload['groups']) ?? asGroups(payload['cognito:groups']) ?? []
}

/** Many issuers send one group as a string. Any other shape names no group, and keeps nobody out. */
function asGroups(claim: unknown): string[] | undefined {
  if (typeof claim === 'string' && claim !== '') return [claim]
  return v.is(v.array(v.string()), claim) ? claim : undefined
}

function explain(error: unknown, issuer: string): Verification {
  if (error instanceof errors.JWTExpired) return invalid(hasExpired)
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(`The claim "${error.claim}" of the token is wrong.`)
  if (isAboutKeys(error)) throw new IssuerError(`The keys of ${issuer} cannot be fetched.`, { cause: error })
  if (error instanceof errors.JOSEError) return invalid('The token is not one of this issuer.')
  throw error
}

/** The endpoint of the keys did not answer, or not with keys: no fault of the token. jose has no class for a status other than 200. */
function isAboutKeys(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true
  return error instanceof errors.JOSEError ? error.code === 'ERR_JOSE_GENERIC' : error instanceof TypeError
}

function invalid(reason: string): Verification {
  return { kind: 'invalid', reason }
}
