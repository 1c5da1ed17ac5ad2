import { getOperationAST, OperationTypeNode, parse } from 'graphql'
import { createHandler, type Response } from 'graphql-http'
import { required } from '../lib/environment'
import type { HttpEvent, HttpResponse } from '../lib/gateway/events'
import { createGraphqlContext } from '../lib/graphql-context'
import { readDocumentLimits } from '../lib/limits'
import { logMaskedError } from '../lib/log'
import { documentRules } from '../lib/operations/document-rules'
import { withoutSecrets } from '../lib/operations/masked-errors'
import { schema } from '../schema'

const subscriptionRefused: Response = [
  JSON.stringify({ errors: [{ message: 'Subscriptions are served over the WebSocket, not over HTTP.' }] }),
  { status: 400, statusText: 'Bad Request', headers: { 'content-type': 'application/json; charset=utf-8' } },
]

const contextValue = createGraphqlContext({ requestsTopicArn: required('REQUESTS_TOPIC_ARN') })
const { maxTokens, rules } = documentRules(readDocumentLimits())
const graphqlOverHttp = createHandler({
  schema: (_request, { document, operationName }) =>
    getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION
      ? subscriptionRefused
      : schema,
  context: () => ({ ...contextValue }),
  parse: (source) => parse(source, { maxTokens }),
  validationRules: rules,
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
