import { codeOf } from './error-code'

/** Whether an operation was refused because it requires a token. */
export function requiresToken(error: unknown): boolean {
  return codeOf(error) === 'UNAUTHENTICATED'
}

/** Whether a token has expired by its claim `exp`. False for a text that is not a JSON Web Token. */
export function hasExpired(authToken: string, nowMs = Date.now()): boolean {
  const [, payload = ''] = authToken.split('.')
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof claims === 'object' && claims !== null && 'exp' in claims && Number(claims.exp) * 1_000 <= nowMs
  } catch {
    return false
  }
}
