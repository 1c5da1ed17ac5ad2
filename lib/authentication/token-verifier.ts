import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as v from 'valibot'
import { checkClaims, type Identity, type KeepClaims } from '../identity'
import { type Reason, reasons } from './reasons'

/** Asymmetric signatures only: a service that can verify a token must not be able to create one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** Maximum clock difference between the issuer and Lambda. */
const clockToleranceSeconds = 5

/**
 * Applies to the discovery document, and again to the keys: both together leave `connect` time to respond within its 10
 * s.
 */
const issuerTimeoutMs = 3_000
const defaultRefetchKeysAfterMs = 30_000

export type Verification =
  { readonly kind: 'valid'; readonly identity: Identity } | { readonly kind: 'invalid'; readonly reason: Reason }

/**
 * Verifies a JSON Web Token. The result is `invalid`, with a reason that reveals nothing of the token, unless it is a
 * currently valid token of this issuer for this audience. Throws an IssuerError if the issuer's keys cannot be fetched.
 */
export type VerifyToken = (token: string) => Promise<Verification>

/** The keys of the issuer could not be fetched. `cause` is the reason. */
export class IssuerError extends Error {
  override readonly name = 'IssuerError'
}

export interface TokenVerifierOptions {
  /** The expected `iss`. */
  readonly issuer: string
  /** The expected `aud`, or `client_id` in an access token of Cognito, which has no `aud`. */
  readonly audience: string
  /** Chooses further claims to keep. Default: none. Its errors propagate. */
  readonly identity?: KeepClaims | undefined
  /** Minimum time between fetches of the keys because of an unknown key. Default: 30 s. */
  readonly refetchKeysAfterMs?: number
}

/**
 * Verifies tokens of an OpenID Connect issuer, such as Amazon Cognito. The discovery document names the keys, which are
 * fetched with the first token and cached for ten minutes. A token signed with an unknown key triggers another fetch,
 * at most every 30 s, so keys may rotate at any time (jose, `createRemoteJWKSet`).
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
      keys = undefined // the next token retries
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
    if (!audiencesOf(payload).includes(audience)) {
      return invalid(reasons.wrongAudience(audience))
    }
    return identified(payload, identity)
  }
}

/** Tries a token that does not name its key against each suitable key. */
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
  if (!response.ok) throw new Error(`${url} responded with status ${response.status}.`)
  const keysUrl = new URL(v.parse(Discovery, await response.json()).jwks_uri)
  return createRemoteJWKSet(keysUrl, { cooldownDuration, timeoutDuration: issuerTimeoutMs })
}

function audiencesOf({ aud, client_id: clientId }: JWTPayload): readonly unknown[] {
  return aud === undefined ? [clientId] : [aud].flat()
}

const KnownClaims = v.object({ sub: v.string(), exp: v.number() })

function identified(payload: JWTPayload, keepClaims: KeepClaims): Verification {
  const known = v.safeParse(KnownClaims, payload)
  if (!known.success) return invalid(reasons.wrongTypes)
  const { sub: subject, exp } = known.output
  // No tolerance here: the connection expires with its token, so it would be over at once.
  if (exp <= Date.now() / 1000) return invalid(reasons.expired)
  const claims = checkClaims(keepClaims(payload))
  return { kind: 'valid', identity: { subject, groups: groupsOf(payload), expiresAtSeconds: Math.floor(exp), claims } }
}

function groupsOf(payload: JWTPayload): string[] {
  return asGroups(payload['groups']) ?? asGroups(payload['cognito:groups']) ?? []
}

/** Many issuers send a single group as a string. Any other shape means no groups, and the token stays valid. */
function asGroups(claim: unknown): string[] | undefined {
  if (typeof claim === 'string' && claim !== '') return [claim]
  return v.is(v.array(v.string()), claim) ? claim : undefined
}

function explain(error: unknown, issuer: string): Verification {
  if (error instanceof errors.JWTExpired) return invalid(reasons.expired)
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(error.claim === 'iss' ? reasons.wrongIssuer(issuer) : reasons.wrongClaim(error.claim))
  if (isAboutKeys(error)) throw new IssuerError(`The keys of ${issuer} cannot be fetched.`, { cause: error })
  if (error instanceof errors.JOSEError) return invalid(reasons.notOfIssuer)
  throw error
}

/**
 * The keys' endpoint did not respond, or not with keys, so the token is not at fault. jose has no class for a status
 * other than 200.
 */
function isAboutKeys(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true
  return error instanceof errors.JOSEError ? error.code === 'ERR_JOSE_GENERIC' : error instanceof TypeError
}

function invalid(reason: Reason): Verification {
  return { kind: 'invalid', reason }
}
