import { type DocumentNode, type GraphQLSchema, TypeInfo, visit, visitWithTypeInfo } from 'graphql'
import type { JsonObject, OperationRequest } from './request'

/**
 * The variables that the result of an event depends on. The arguments of a subscription's own field only say where it listens: its
 * `resolve` does not get them. So subscriptions that differ only in where they began, say, are served with one execution.
 */
export function eventVariables(
  { variables }: OperationRequest,
  { schema, document }: { readonly schema: GraphQLSchema; readonly document: DocumentNode },
): JsonObject {
  const names = namesRead(schema, document)
  return Object.fromEntries(Object.entries(variables ?? {}).filter(([name]) => names.has(name)))
}

/** The variables that are read anywhere but in arguments of subscription fields: in any operation and fragment of the document. */
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
