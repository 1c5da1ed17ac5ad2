import { getOperationAST, type GraphQLError, OperationTypeNode, parse } from 'graphql'
import { createHandler, type OperationContext, type Response } from 'graphql-http'
import { contexts } from '../api/contexts'
import type { Api } from '../api/define-api'
import { readAccess } from '../authentication/access'
import { tokenOfRequest } from '../authentication/find-token'
import { issuerUnreachable, retryAfterSeconds, unauthenticated } from '../authentication/refusals'
import type { HttpEvent, HttpResponse } from '../gateway/events'
import type { Identity } from '../identity'
import { logMaskedError } from '../observability/logger'
import { documentRules, readDocumentLimits } from '../operations/document-rules'
import { validateDocument } from '../operations/documents'
import { maskedError, withoutSecrets } from '../operations/masked-errors'
import { isPersistedQuery, persistedQueryNotSupported } from '../protocol/persisted-queries'

const json = { 'content-type': 'application/json; charset=utf-8' }

const subscriptionRefused: Response = [
  JSON.stringify({ errors: [{ message: 'Subscriptions are served over the WebSocket, not over HTTP.' }] }),
  { status: 400, statusText: 'Bad Request', headers: json },
]

/** Creates the handler of `POST /graphql`, and of `GET` for queries, following the GraphQL over HTTP specification. */
export function graphqlOverHttp({ schema, context, identity }: Api): (event: HttpEvent) => Promise<HttpResponse> {
  const access = readAccess({ identity })
  const contextFor = contexts(context)
  const { maxTokens, rules } = documentRules(readDocumentLimits())
  const answer = createHandler<null, { readonly identity: Identity | undefined }, OperationContext>({
    schema: (_request, { document, operationName }) =>
      getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION
        ? subscriptionRefused
        : schema,
    context: async ({ context: { identity } }) => {
      try {
        return (await contextFor(identity)) as OperationContext
      } catch (error) {
        const errors = [maskedError(error, logMaskedError)]
        return [JSON.stringify({ errors }), { status: 500, statusText: 'Internal Server Error', headers: json }]
      }
    },
    // oxlint-disable-next-line typescript/no-deprecated -- its new name is unknown to earlier versions of graphql 16
    parse: (source) => parse(source, { maxTokens }),
    validate: (schema, document) => validateDocument(schema, document, rules), // over the WebSocket, too
    onOperation: (_request, _args, result) => withoutSecrets(result, logMaskedError),
  })

  return async ({ requestContext, rawPath, rawQueryString, headers, body, isBase64Encoded }) => {
    const { requestId, http } = requestContext
    const admission = await access.admit(tokenOfRequest({ headers }), { requestId })
    if (admission.kind === 'refused') return unauthorized(admission.reason)
    if (admission.kind === 'anonymous' && access.required) return unauthorized()
    if (admission.kind === 'undecided') return unavailable()
    const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? null)
    if (isPersistedQuery(parametersOf(text, rawQueryString))) return persistedQueryRefused
    const [responseBody, { status, headers: responseHeaders = {} }] = await answer({
      method: http.method,
      url: rawQueryString === '' ? rawPath : `${rawPath}?${rawQueryString}`,
      headers,
      body: text,
      raw: null,
      context: { identity: admission.kind === 'identified' ? admission.identity : undefined },
    })
    return { statusCode: status, headers: responseHeaders, ...(responseBody !== null && { body: responseBody }) }
  }
}

/** The parameters of a request that may be a persisted query; undefined if it is not. */
function parametersOf(body: string | null, queryString: string): unknown {
  const { extensions, ...others } = Object.fromEntries(new URLSearchParams(queryString))
  try {
    if (body?.includes('"persistedQuery"')) return JSON.parse(body)
    return extensions === undefined ? undefined : { ...others, extensions: JSON.parse(extensions) as unknown }
  } catch {
    return undefined // the handler below refuses it
  }
}

const { message, code } = persistedQueryNotSupported
const persistedQueryRefused: HttpResponse = {
  statusCode: 200, // so that clients read the errors
  headers: json,
  body: JSON.stringify({ errors: [{ message, extensions: { code } }] }),
}

/** RFC 6750, section 3. */
function unauthorized(reason?: string): HttpResponse {
  return refusal(401, unauthenticated(reason), { 'www-authenticate': 'Bearer' })
}

/** RFC 9110, sections 15.6.4 and 10.2.3. */
function unavailable(): HttpResponse {
  return refusal(503, issuerUnreachable(), { 'retry-after': String(retryAfterSeconds) })
}

function refusal(statusCode: number, error: GraphQLError, headers: Readonly<Record<string, string>>): HttpResponse {
  return {
    statusCode,
    headers: { ...json, ...headers },
    body: JSON.stringify({ errors: [error] }),
  }
}
