import type { Clients } from '../clients/clients'
import { messageOf } from '../errors'

/**
 * Ends every connection that has presented a token of a user, and deletes its subscriptions. It does not revoke the
 * token: until it expires, the user can connect again, unless resolvers refuse the user. The index is updated after the
 * table, so a connection that presented its token less than 1 s ago may be missed: call it again.
 *
 * A connection that cannot be closed keeps its subscriptions, because nothing would find it otherwise. The others are
 * ended; then an AggregateError is thrown. Call it again to end the rest.
 *
 * @param user the `sub` of the tokens
 * @returns the number of ended connections
 */
export async function endUser(
  user: string,
  {
    clients,
    close,
  }: {
    readonly clients: Pick<Clients, 'connectionsOf' | 'remove'>
    readonly close: (connectionId: string) => Promise<void>
  },
): Promise<number> {
  let ended = 0
  const failures: unknown[] = []
  for await (const connectionId of clients.connectionsOf(user)) {
    try {
      await close(connectionId)
      await clients.remove(connectionId)
      ended++
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length === 0) return ended
  const [first] = failures
  throw new AggregateError(
    failures,
    `${failures.length} of ${ended + failures.length} connections could not be ended: ${messageOf(first)}`,
  )
}
