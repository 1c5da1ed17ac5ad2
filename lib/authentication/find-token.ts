type Parameters = Readonly<Record<string, unknown>>

/** The names under which clients send a token, in lower case. The first that is there counts. */
const names = ['authorization', 'authtoken', 'token']

/**
 * The token in the payload of a `connection_init`: `connectionParams` of a client of either protocol, or `headers` among them, where some
 * clients put what they would send over HTTP.
 */
export function tokenOfPayload(payload: Parameters | null): string | undefined {
  if (!payload) return undefined
  const { headers } = payload
  return findToken(payload) ?? (typeof headers === 'object' && headers !== null ? findToken({ ...headers }) : undefined)
}

/** The token of an HTTP request or of `$connect`: a bearer in the header, or, since browsers cannot send that with a WebSocket, a query parameter. */
export function tokenOfRequest({
  headers,
  queryStringParameters,
}: {
  readonly headers?: Parameters | undefined
  readonly queryStringParameters?: Parameters | null | undefined
}): string | undefined {
  return (
    findToken({ authorization: headers && valueOf(headers, 'authorization') }) ?? findToken(queryStringParameters ?? {})
  )
}

function findToken(parameters: Parameters): string | undefined {
  const found = names
    .map((name) => valueOf(parameters, name))
    .find((value) => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found.replace(/^bearer +/i, '') : undefined
}

function valueOf(parameters: Parameters, name: string): unknown {
  const [, value] = Object.entries(parameters).find(([key]) => key.toLowerCase() === name) ?? []
  return value
}
