import { valueNamed } from '../value-named'

type Headers = Readonly<Record<string, string | undefined>> | undefined

/**
 * Whether a page of this origin may connect. Browsers send `Origin` with every WebSocket and let any page open one to
 * any host (RFC 6455, section 10.2). Other programs send no origin, or that of the API: they are let through, and their
 * token is checked.
 *
 * @param allowed origins as browsers send them, such as `https://chat.example.com`, separated by commas; `*` allows any
 */
export function originAllowed(headers: Headers, allowed: string): boolean {
  const origin = originOf(headers)
  if (origin === undefined) return true
  const host = valueNamed('host', headers)
  if (host !== undefined && origin === `https://${host}`) return true
  const origins = allowed.split(',').map((each) => each.trim())
  return origins.includes('*') || origins.includes(origin)
}

/** The origin of the connecting page; undefined for other clients. */
export function originOf(headers: Headers): string | undefined {
  return valueNamed('origin', headers)
}
