import { ApolloLink } from '@apollo/client'
import { OperationTypeNode } from 'graphql'
import { filter } from 'rxjs'

/** What came longer ago is not recognised any more: a chat's ten minutes, which a replay reaches back at most, are far less. */
const maxRemembered = 10_000

/**
 * Hands on each event of a subscription once. The service delivers at least once: after a reconnect it repeats what the client may not
 * have received, and SNS may bring an event twice. An event is known by the `sequence` of its message, so the operation has to
 * select that; events without one are handed on as they come.
 *
 * Each subscription is looked at by itself, for as long as it runs, reconnects included. The order is left as it is: what is replayed
 * comes in its order, and two messages of the same moment in any.
 */
export function once(): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const results = forward(operation)
    if (operation.operationType !== OperationTypeNode.SUBSCRIPTION) return results
    const isNew = createRecogniser()
    return results.pipe(filter(({ data }) => isNew(sequenceOf(data))))
  })
}

function createRecogniser(): (sequence: number | undefined) => boolean {
  const known = new Set<number>()
  return (sequence) => {
    if (sequence === undefined) return true
    if (known.has(sequence)) return false
    known.add(sequence)
    const [oldest] = known
    if (known.size > maxRemembered && oldest !== undefined) known.delete(oldest)
    return true
  }
}

/** A subscription has one field; its value is the message. */
function sequenceOf(data: unknown): number | undefined {
  const [message] = Object.values(data ?? {}) as unknown[]
  if (typeof message !== 'object' || message === null || !('sequence' in message)) return undefined
  return typeof message.sequence === 'number' ? message.sequence : undefined
}
