import { type DocumentNode, type GraphQLSchema, TypeInfo, visit, visitWithTypeInfo } from 'graphql'
import type { JsonObject, OperationRequest } from './request'

/**
 * The variables that the result of an event depends on. Arguments of the subscription field only select events, and its
 * `resolve` does not receive them. So subscriptions that differ only in their position, for example, share one
 * execution.
 */
export function eventVariables(
  { variables }: OperationRequest,
  { schema, document }: { readonly schema: GraphQLSchema; readonly document: DocumentNode },
): JsonObject {
  const names = namesRead(schema, document)
  return Object.fromEntries(Object.entries(variables ?? {}).filter(([name]) => names.has(name)))
}

/**
 * The variables used anywhere except in arguments of subscription fields, in all operations and fragments of the
 * document.
 */
function namesRead(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>()
  const typeInfo = new TypeInfo(schema)
  const isOfSubscriptionField = () =>
    typeInfo.getParentType() === schema.getSubscriptionType() && !typeInfo.getDirective()
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => false,
      Argument: () => (isOfSubscriptionField() ? false : undefined),
      Variable: ({ name }) => {
        names.add(name.value)
      },
    }),
  )
  return names
}
