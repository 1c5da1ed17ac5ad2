import type { JWTPayload } from 'jose'
import * as v from 'valibot'

/** Claims as they are kept: values that the table stores as they are. */
export type Claims = Readonly<Record<string, string | number | boolean>>

/**
 * Chooses what to keep of a token besides `sub`, groups and expiry. It is called for every token that is good, so it must not throw for
 * one that lacks a claim. What it returns is stored with the connection and read with each of its messages: keep it small.
 */
export type KeepClaims = (claims: JWTPayload) => Claims

/** Who a connection or a request belongs to, as its token says. It is stored with the connection. */
export const identitySchema = v.object({
  /** `sub`: the user, for as long as the issuer has them. */
  subject: v.string(),
  /** `groups`, or `cognito:groups`: what the user belongs to. */
  groups: v.array(v.string()),
  /** `exp`: epoch seconds after which the token opens nothing. */
  expiresAtSeconds: v.pipe(v.number(), v.integer()),
  /** What the application keeps of the other claims. An item of an earlier version has none. */
  claims: v.optional(
    v.custom<Claims>((claims) => typeof claims === 'object' && claims !== null && unstorable(claims) === undefined),
    {},
  ),
})

export type Identity = Readonly<v.InferOutput<typeof identitySchema>>

/** Checks what an application keeps. Throws a TypeError that names the claim that cannot be stored. */
export function checkClaims(claims: Claims): Claims {
  const [name, value] = unstorable(claims) ?? []
  if (name === undefined) return claims
  throw new TypeError(
    `Expected "identity" to give "${name}" as a string, a finite number or a boolean, got ${shapeOf(value)}.`,
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
