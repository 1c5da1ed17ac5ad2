export interface GraphqlRequest {
  readonly query: string
  readonly variables?: object
  readonly operationName?: string | undefined
}

/** Posts an operation to the HTTP API at `url`. */
export function postGraphql(
  url: string,
  request: GraphqlRequest,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(request),
  })
}
