import { type DocumentNode, Kind, type OperationDefinitionNode, visit } from 'graphql'
import type { OperationRequest } from './request'

/** The argument of a subscription field that only matters when the subscription begins: see `Replay`. */
const positionArgument = 'after'

/**
 * The request as it is run against each event: variables that nothing but `after` reads are all 0. So those who came back at
 * different places are still served with one execution.
 */
export function withoutPosition(
  request: OperationRequest,
  operation: OperationDefinitionNode,
  document: DocumentNode,
): OperationRequest {
  const positions = positionVariables(operation)
  for (const name of variablesRead(document)) positions.delete(name)
  if (positions.size === 0) return request
  const zeros = Object.fromEntries([...positions].map((name) => [name, 0]))
  return { ...request, variables: { ...request.variables, ...zeros } }
}

/** Those that are handed to `after` of the subscription's field. */
function positionVariables({ selectionSet }: OperationDefinitionNode): Set<string> {
  const names = new Set<string>()
  for (const selection of selectionSet.selections) {
    if (selection.kind !== Kind.FIELD) continue
    for (const { name, value } of selection.arguments ?? []) {
      if (name.value === positionArgument && value.kind === Kind.VARIABLE) names.add(value.name.value)
    }
  }
  return names
}

/** Those that are read anywhere else: in any operation and fragment of the document. */
function variablesRead(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>()
  visit(document, {
    VariableDefinition: () => false,
    Argument: ({ name }, _key, _parent, path) =>
      // definitions / n / selectionSet / selections / n / arguments / n
      name.value === positionArgument && path.length === 7 ? false : undefined,
    Variable: ({ name }) => {
      names.add(name.value)
    },
  })
  return names
}
