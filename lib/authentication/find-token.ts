import { valueNamed } from '../value-named'

type Parameters = Readonly<Record<string, unknown>>

/** Parameter names of a token, in lower case. The first match is used. */
const names = ['authorization', 'authtoken', 'token']

/**
 * The token in the payload of a `connection_init`: in `connectionParams` of either protocol's client, or in their
 * `headers`, where some clients put their HTTP headers.
 */
export function tokenOfPayload(payload: Parameters | null): string | undefined {
  if (!payload) return undefined
  const { headers } = payload
  return findToken(payload) ?? (typeof headers === 'object' && headers !== null ? findToken({ ...headers }) : undefined)
}

/**
 * The token of an HTTP request or of `$connect`: the bearer token, or a query parameter, because browsers cannot set
 * headers of a WebSocket.
 */
export function tokenOfRequest({
  headers,
  queryStringParameters,
}: {
  readonly headers?: Parameters | undefined
  readonly queryStringParameters?: Parameters | null | undefined
}): string | undefined {
  return findToken({ authorization: valueNamed('authorization', headers) }) ?? findToken(queryStringParameters ?? {})
}

function findToken(parameters: Parameters): string | undefined {
  const found = names
    .map((name) => valueNamed(name, parameters))
    .find((value) => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found.replace(/^bearer +/i, '') : undefined
}
