import {
  createSourceEventStream,
  execute,
  type ExecutionResult,
  getOperationAST,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql'
import type { OperationRequest } from './request'
import { TopicSource } from '../channels/topic-source'
import type { DocumentRules } from './document-rules'
import { documentPreparer } from './documents'
import { eventVariables } from './event-variables'
import { type MaskErrors, withoutSecrets } from './masked-errors'
import type { OperationOutcome } from './outcome'

/** Runs operations against a schema. */
export interface Operations {
  /** Whether the request is a subscription; false if it cannot be run at all. `run` reuses the parsed document. */
  isSubscription(request: OperationRequest): boolean

  /** Runs a client's operation: executes a query or mutation, and resolves a subscription to its topics. */
  run(request: OperationRequest, contextValue: unknown): Promise<OperationOutcome>

  /** Executes a subscription for one event: MapSourceToResponseEvent of the GraphQL specification. */
  respond(request: OperationRequest, event: unknown, contextValue: unknown): Promise<ExecutionResult>
}

/**
 * @param onError called with each error that is hidden from the client, and the id that replaces it
 * @param limits omitted for stored subscriptions, which were checked when they were stored
 */
export function createOperations({
  schema,
  onError,
  limits,
}: {
  schema: GraphQLSchema
  onError: MaskErrors
  limits?: DocumentRules
}): Operations {
  const prepare = documentPreparer({ schema, limits })

  return {
    isSubscription({ query, operationName }) {
      const prepared = prepare(query)
      return prepared.kind === 'valid' && isSubscription(getOperationAST(prepared.document, operationName))
    },

    async run(request, contextValue) {
      const prepared = prepare(request.query)
      if (prepared.kind !== 'valid') return prepared
      const { document } = prepared
      const { operationName, variables: variableValues } = request
      const args = { schema, document, operationName, variableValues, contextValue }
      const operation = getOperationAST(document, operationName)
      if (!operation) return { kind: 'unidentified', errors: (await execute(args)).errors ?? [] }
      if (!isSubscription(operation)) {
        const result = await execute(args)
        return { kind: 'result', result: withoutSecrets(result, onError) }
      }
      const source = await createSourceEventStream(args)
      if (source instanceof TopicSource) {
        const variables = eventVariables(request, { schema, document })
        return { kind: 'subscribed', listening: source.listening, eventVariables: variables }
      }
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

function isSubscription(operation: OperationDefinitionNode | null | undefined): boolean {
  return operation?.operation === OperationTypeNode.SUBSCRIPTION
}
