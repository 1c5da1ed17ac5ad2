/**
 * Whether a page of this origin may connect. Browsers send `Origin` with every WebSocket and let any page open one to anywhere
 * (RFC 6455, section 10.2); other programs send none, and are let through to where their token is checked.
 *
 * @param allowed origins as browsers spell them, such as `https://chat.example.com`, separated by commas; `*` is any
 */
export function originAllowed(headers: Readonly<Record<string, string | undefined>> = {}, allowed: string): boolean {
  const [, origin] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'origin') ?? []
  if (origin === undefined) return true
  const origins = allowed.split(',').map((each) => each.trim())
  return origins.includes('*') || origins.includes(origin)
}
