import { createHandler } from 'graphql-http'
import { required } from '../lib/environment'
import type { HttpEvent, HttpResponse } from '../lib/gateway/events'
import { createGraphqlContext } from '../lib/graphql-context'
import { logMaskedError } from '../lib/log'
import { withoutSecrets } from '../lib/operations/masked-errors'
import { schema } from '../schema'

const contextValue = createGraphqlContext({ requestsTopicArn: required('REQUESTS_TOPIC_ARN') })
const graphqlOverHttp = createHandler({
  schema,
  context: () => ({ ...contextValue }),
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
  const [responseBody, { status, headers: responseHeaders = {} }] = await graphqlOverHttp({
    method: requestContext.http.method,
    url: rawQueryString === '' ? rawPath : `${rawPath}?${rawQueryString}`,
    headers,
    body: isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? null),
    raw: null,
    context: {},
  })
  return { statusCode: status, headers: responseHeaders, ...(responseBody !== null && { body: responseBody }) }
}
