import { GraphQLError } from 'graphql'

/** An error of a client's arguments, which it is told. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}

/** Keys and tags are mostly a client's arguments, so what is wrong with them (a TypeError) is the client's to know. */
export function asUserInput<Result>(select: () => Result): Result {
  try {
    return select()
  } catch (error) {
    throw error instanceof TypeError ? badUserInput(error.message) : error
  }
}

/** Throws a BAD_USER_INPUT unless this is a position in a log, or none at all. */
export function checkAfter(after: number | null | undefined): number | undefined {
  if (after == null) return undefined
  if (Number.isSafeInteger(after) && after >= 0) return after
  throw badUserInput(`Expected "after" to be 0 or the "sequence" of an event, got ${after}.`)
}
