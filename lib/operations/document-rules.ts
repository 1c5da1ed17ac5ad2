import { costLimitRule } from '@escape.tech/graphql-armor-cost-limit'
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases'
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth'
import { GraphQLError, NoSchemaIntrospectionCustomRule, type ValidationContext, type ValidationRule } from 'graphql'
import { trueOrFalse, wholeNumber } from '../environment'

export interface DocumentLimits {
  /** Tokens of the lexer, such as names and braces. It also bounds the cost of parsing and validating. */
  readonly maxTokens: number
  /** Maximum depth of nested selection sets; a fragment counts where it is spread. */
  readonly maxDepth: number
  /** Aliases in one operation, including its fragments. `__typename` is free. */
  readonly maxAliases: number
  /**
   * A scalar costs 1, an object 2, and each level multiplies the cost below it by 1.5. The argument `first` or `last`
   * of an object multiplies its cost, unless it is a variable.
   */
  readonly maxCost: number
  /** Whether `__schema` and `__type` may be queried. */
  readonly introspection: boolean
}

/**
 * Reads the limits of a stage on documents, which apply to WebSocket and HTTP alike. The defaults suit a small schema.
 */
export function readDocumentLimits(environment: NodeJS.ProcessEnv = process.env): DocumentLimits {
  const limit = (name: string, byDefault: number) => wholeNumber(name, { byDefault }, environment)
  return {
    maxTokens: limit('MAX_TOKENS', 1_000),
    maxDepth: limit('MAX_DEPTH', 10),
    maxAliases: limit('MAX_ALIASES', 15),
    maxCost: limit('MAX_COST', 5_000),
    introspection: trueOrFalse('INTROSPECTION', { byDefault: true }, environment),
  }
}

/** The rules for documents beyond the GraphQL specification. */
export interface DocumentRules {
  readonly maxTokens: number
  readonly rules: readonly ValidationRule[]
}

/**
 * Turns the limits into validation rules. A document that breaks one is refused like any invalid document, before
 * anything is executed, with the `extensions.code` LIMIT_EXCEEDED. Too many tokens are a syntax error of graphql-js.
 */
export function documentRules({
  maxTokens,
  maxDepth,
  maxAliases,
  maxCost,
  introspection,
}: DocumentLimits): DocumentRules {
  return {
    maxTokens,
    rules: [
      maxDepthRule({ n: maxDepth, flattenFragments: true, ...reported }),
      maxAliasesRule({ n: maxAliases, ...reported }),
      costLimitRule({ maxCost, flattenFragments: true, ...reported }),
      ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ],
  }
}

/** By default, the rules throw an error out of `validate`, which calls itself a syntax error. */
const reported = {
  propagateOnRejection: false,
  onReject: [
    (context: ValidationContext | null, { message }: GraphQLError) => {
      const extensions = { code: 'LIMIT_EXCEEDED' }
      context?.reportError(new GraphQLError(message.replace(/^Syntax Error: /, ''), { extensions }))
    },
  ],
}
