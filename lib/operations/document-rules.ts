import { costLimitRule } from '@escape.tech/graphql-armor-cost-limit'
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases'
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth'
import { GraphQLError, NoSchemaIntrospectionCustomRule, type ValidationContext, type ValidationRule } from 'graphql'
import { trueOrFalse, wholeNumber } from '../environment'

export interface DocumentLimits {
  /** Names, braces and whatever else the lexer tells apart. It also bounds what parsing and validating can cost. */
  readonly maxTokens: number
  /** Of nested selection sets; fragments count where they are spread. */
  readonly maxDepth: number
  /** In one operation, its fragments included. `__typename` is free. */
  readonly maxAliases: number
  /** A scalar costs 1, an object 2, and each level makes what is below it 1.5 times as dear. */
  readonly maxCost: number
  /** Whether `__schema` and `__type` may be asked for. */
  readonly introspection: boolean
}

/** The limits of a stage on the documents that it executes, over WebSocket and HTTP alike. The defaults suit a small schema. */
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

/** What a document must keep to besides the GraphQL specification. */
export interface DocumentRules {
  readonly maxTokens: number
  readonly rules: readonly ValidationRule[]
}

/**
 * The limits as rules of validation: what breaks one is refused like any other document that is not valid, before anything is
 * executed, with `extensions.code` LIMIT_EXCEEDED. Too many tokens are a syntax error, as graphql-js has it.
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

/** The rules would throw, out of `validate`, an error that calls itself a syntax error. */
const reported = {
  propagateOnRejection: false,
  onReject: [
    (context: ValidationContext | null, { message }: GraphQLError) => {
      const extensions = { code: 'LIMIT_EXCEEDED' }
      context?.reportError(new GraphQLError(message.replace(/^Syntax Error: /, ''), { extensions }))
    },
  ],
}
