import type { JWTPayload } from 'jose'
import * as v from 'valibot'

/** Claims in the form in which they are stored. */
export type Claims = Readonly<Record<string, string | number | boolean>>

/**
 * Chooses the claims of a token to keep, besides `sub`, groups and expiry. It is called for every valid token, so it
 * must not throw if a claim is absent. The result is stored with the connection and read with each of its messages:
 * keep it small.
 */
export type KeepClaims = (claims: JWTPayload) => Claims

/** The identity that a token asserts. It is stored with the connection. */
export const identitySchema = v.object({
  /** `sub`: the id that the issuer gives the user. */
  subject: v.string(),
  /** `groups`, or `cognito:groups`: the user's groups. */
  groups: v.array(v.string()),
  /** `exp`: epoch seconds at which the token expires. */
  expiresAtSeconds: v.pipe(v.number(), v.integer()),
  /** The claims that the application keeps. An item written by an earlier version has none. */
  claims: v.optional(
    v.custom<Claims>((claims) => typeof claims === 'object' && claims !== null && unstorable(claims) === undefined),
    {},
  ),
})

export type Identity = Readonly<v.InferOutput<typeof identitySchema>>

/** Checks the claims that an application keeps. Throws a TypeError that names the first claim that cannot be stored. */
export function checkClaims(claims: Claims): Claims {
  const [name, value] = unstorable(claims) ?? []
  if (name === undefined) return claims
  throw new TypeError(
    `Expected "identity" to return "${name}" as a string, a finite number or a boolean, got ${shapeOf(value)}.`,
  )
}

function unstorable(claims: object): readonly [name: string, value: unknown] | undefined {
  return Object.entries(claims).find(
    ([, value]) => typeof value !== 'string' && typeof value !== 'boolean' && !Number.isFinite(value),
  )
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
