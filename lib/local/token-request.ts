/** The claims of a token request, or what is wrong with it. */
export type TokenRequest =
  | { readonly kind: 'valid'; readonly claims: Readonly<Record<string, unknown>> }
  | { readonly kind: 'invalid'; readonly reason: string }

/** OpenID Connect Core 1.0, section 2, "sub". */
const longestSubject = 255

const defaultExpirySeconds = 3_600
const longestExpirySeconds = 31_536_000 // a year

const setByIssuer = ['iss', 'aud', 'exp', 'nbf', 'iat']

/**
 * Parses a token request from its query: `sub` is the user, `groups` are the user's groups, separated by commas, and
 * `expires` is the lifetime in seconds. Any other parameter becomes a claim of its own, as text.
 */
export function readTokenRequest(query: URLSearchParams, nowMs: number): TokenRequest {
  const { sub = '', groups, expires = String(defaultExpirySeconds), ...further } = Object.fromEntries(query)
  const repeated = [...query.keys()].find((name) => query.getAll(name).length > 1)
  if (repeated !== undefined) return invalid(`Expected "${repeated}" only once. Separate several groups by commas.`)
  if (sub === '' || sub.length > longestSubject) {
    return invalid(`Expected "sub", the user, to have 1 to ${longestSubject} characters: /token?sub=ann&groups=staff`)
  }
  const seconds = /^\d+$/.test(expires) ? Number(expires) : 0
  if (seconds < 1 || seconds > longestExpirySeconds) {
    return invalid(`Expected "expires" to be whole seconds from 1 to ${longestExpirySeconds}, got "${expires}".`)
  }
  const refused = setByIssuer.find((name) => Object.hasOwn(further, name))
  if (refused !== undefined) {
    return invalid(`Expected no "${refused}", which the issuer sets. Use "expires" for the lifetime in seconds.`)
  }
  const exp = Math.floor(nowMs / 1_000) + seconds
  return { kind: 'valid', claims: { ...further, sub, exp, ...(groups !== undefined && { groups: namesIn(groups) }) } }
}

function namesIn(groups: string): readonly string[] {
  return groups
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '')
}

function invalid(reason: string): TokenRequest {
  return { kind: 'invalid', reason }
}
