import {
  createSourceEventStream,
  execute,
  type ExecutionResult,
  getOperationAST,
  type GraphQLSchema,
  OperationTypeNode,
  type ValidationRule,
} from 'graphql'
import type { OperationRequest } from '../protocol/client-message'
import { documentPreparer } from './documents'
import { type MaskErrors, withoutSecrets } from './masked-errors'
import type { OperationOutcome } from './outcome'
import { TopicSource } from './topic'

/** Runs operations against a schema. */
export interface Operations {
  /** Runs an operation that a client asks for: a query or mutation to its end, a subscription as far as its topics. */
  run(request: OperationRequest, contextValue: unknown): Promise<OperationOutcome>

  /** Runs a subscription against one event: what MapSourceToResponseEvent of the GraphQL specification does. */
  respond(request: OperationRequest, event: unknown, contextValue: unknown): Promise<ExecutionResult>
}

/**
 * @param onError hears of each error that is kept from the client, with the id that the client gets in its place
 * @param rules what documents must comply with besides the rules of the specification
 */
export function createOperations({
  schema,
  onError,
  rules = [],
}: {
  schema: GraphQLSchema
  onError: MaskErrors
  rules?: readonly ValidationRule[]
}): Operations {
  const prepare = documentPreparer({ schema, rules })

  return {
    async run(request, contextValue) {
      const prepared = prepare(request.query)
      if (prepared.kind !== 'valid') return prepared
      const { document } = prepared
      const { operationName, variables: variableValues } = request
      const args = { schema, document, operationName, variableValues, contextValue }
      const operation = getOperationAST(document, operationName)
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
        const result = await execute(args)
        if (!operation) return { kind: 'unidentified', errors: result.errors ?? [] }
        return { kind: 'result', result: withoutSecrets(result, onError) }
      }
      const source = await createSourceEventStream(args)
      if (source instanceof TopicSource) return { kind: 'subscribed', topics: source.topics }
      return { kind: 'result', result: withoutSecrets(source as ExecutionResult, onError) }
    },

    async respond({ query, operationName, variables: variableValues }, event, contextValue) {
      const prepared = prepare(query)
      if (prepared.kind === 'syntaxError') return { errors: [prepared.error] }
      if (prepared.kind === 'invalid') return { errors: prepared.errors }
      const { document } = prepared
      const result = await execute({ schema, document, operationName, variableValues, contextValue, rootValue: event })
      return withoutSecrets(result, onError)
    },
  }
}
