import type { Fetcher, FetcherParams } from '@graphiql/toolkit'
import { type ExecutionResult, parse, print, separateOperations } from 'graphql'
import type { Client } from 'graphql-ws'

/** Runs operations over one connection, including queries and mutations. */
export function fetcherOver(client: Client): Fetcher {
  return (params) => {
    const results = client.iterate({ ...params, query: chosen(params), operationName: params.operationName ?? null })
    return results as AsyncIterable<ExecutionResult> // GraphiQL shows their errors unchanged
  }
}

/** The selected operation with its fragments. Others would count towards the limits of a document. */
function chosen({ query, operationName }: FetcherParams): string {
  if (operationName == null) return query
  const document = separateOperations(parse(query))[operationName]
  return document ? print(document) : query
}
