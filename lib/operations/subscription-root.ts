import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/**
 * A validation rule: `@skip` and `@include` are not allowed on the root field of a subscription, including in
 * fragments, because they could leave no field ("Single root field", GraphQL specification of September 2025).
 * graphql-js 16 lacks this rule, and its own rule throws on variables there: this one must run first.
 */
export function subscriptionRootRule(context: ValidationContext): ASTVisitor {
  const check = (root: SelectionSetNode, seen = new Set<string>()): void => {
    for (const selection of root.selections) {
      const directive = selection.directives?.find(({ name }) => name.value === 'skip' || name.value === 'include')
      if (directive) {
        const message = `A subscription cannot have @${directive.name.value} on its root field: remove it, or send another document.`
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
