import type { Clients } from '../clients/clients'

/**
 * Ends every connection that has presented a token of a user, and deletes its subscriptions. It does not revoke the
 * token: until it expires, the user can connect again, unless resolvers refuse the user. The index is updated after the
 * table, so a connection that presented its token less than 1 s ago may be missed: call it again.
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
  for await (const connectionId of clients.connectionsOf(user)) {
    await clients.remove(connectionId) // first, so that further operations on it are refused
    await close(connectionId)
    ended++
  }
  return ended
}
