import { createHandler } from 'graphql-http'
import { readAccess } from '../lib/authentication/access'
import { tokenOfRequest } from '../lib/authentication/find-token'
import type { Identity } from '../lib/authentication/identity'
import { unauthenticated } from '../lib/authentication/refusals'
import { required } from '../lib/environment'
import type { HttpEvent, HttpResponse } from '../lib/gateway/events'
import { graphqlContexts } from '../lib/graphql-context'
import { logMaskedError } from '../lib/log'
import { introspectionRules } from '../lib/operations/introspection'
import { withoutSecrets } from '../lib/operations/masked-errors'
import { schema } from '../schema'

const access = readAccess()
const contextFor = graphqlContexts({ requestsTopicArn: required('REQUESTS_TOPIC_ARN') })
const graphqlOverHttp = createHandler<null, { readonly identity: Identity | undefined }, Record<string, unknown>>({
  schema,
  validationRules: introspectionRules(),
  context: ({ context: { identity } }) => ({ ...contextFor(identity) }),
  onOperation: (_request, _args, result) => withoutSecrets(result, logMaskedError),
})

/** `POST /graphql`, and `GET` for queries, as the GraphQL over HTTP specification says. */
export async function handler({
  requestContext,
  rawPath,
  rawQueryString,
  headers,
  body,
  isBase64Encoded,
}: HttpEvent): Promise<HttpResponse> {
  const admission = await access.admit(tokenOfRequest({ headers }))
  if (admission.kind === 'refused') return unauthorized(admission.reason)
  if (admission.kind === 'anonymous' && access.required) return unauthorized()
  const [responseBody, { status, headers: responseHeaders = {} }] = await graphqlOverHttp({
    method: requestContext.http.method,
    url: rawQueryString === '' ? rawPath : `${rawPath}?${rawQueryString}`,
    headers,
    body: isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? null),
    raw: null,
    context: { identity: admission.kind === 'identified' ? admission.identity : undefined },
  })
  return { statusCode: status, headers: responseHeaders, ...(responseBody !== null && { body: responseBody }) }
}

/** RFC 6750, section 3. */
function unauthorized(reason?: string): HttpResponse {
  return {
    statusCode: 401,
    headers: { 'content-type': 'application/json; charset=utf-8', 'www-authenticate': 'Bearer' },
    body: JSON.stringify({ errors: [unauthenticated(reason)] }),
  }
}
