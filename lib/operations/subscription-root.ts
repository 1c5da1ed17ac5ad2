import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/**
 * A rule of validation: `@skip` and `@include` cannot stand where a subscription chooses its field, fragments included, since what they
 * leave may be no field at all ("Single root field", GraphQL specification of September 2025). graphql-js 16 does not know it yet, and its
 * own rule throws at variables there: this one has to come before.
 */
export function subscriptionRootRule(context: ValidationContext): ASTVisitor {
  const check = (root: SelectionSetNode, seen = new Set<string>()): void => {
    for (const selection of root.selections) {
      const directive = selection.directives?.find(({ name }) => name.value === 'skip' || name.value === 'include')
      if (directive) {
        const message = `A subscription cannot have @${directive.name.value} where it chooses its field: leave it out, or send another document.`
        context.reportError(new GraphQLError(message, { nodes: directive }))
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) check(selection.selectionSet, seen)
      if (selection.kind !== Kind.FRAGMENT_SPREAD || seen.has(selection.name.value)) continue
      seen.add(selection.name.value)
      const fragment = context.getFragment(selection.name.value)
      if (fragment) check(fragment.selectionSet, seen)
    }
  }
  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation === OperationTypeNode.SUBSCRIPTION) check(selectionSet)
    },
  }
}
