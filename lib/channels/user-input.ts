import { GraphQLError } from 'graphql'

/** An error in a client's arguments. The client receives its message. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}

/**
 * Converts a TypeError about keys or tags into an error for the client, because they usually come from its arguments.
 */
export function asUserInput<Result>(select: () => Result): Result {
  try {
    return select()
  } catch (error) {
    throw error instanceof TypeError ? badUserInput(error.message) : error
  }
}

/** Checks a position in a log; null and undefined are valid. Throws a BAD_USER_INPUT otherwise. */
export function checkAfter(after: number | null | undefined): number | undefined {
  if (after == null) return undefined
  if (Number.isSafeInteger(after) && after >= 0) return after
  throw badUserInput(`Expected "after" to be 0 or the "sequence" of an event, got ${after}.`)
}
