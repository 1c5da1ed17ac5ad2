import type { Clients } from '../clients/clients'

/**
 * Ends every connection that has shown a token of this user, and deletes what it subscribed to. It does not make the token worthless:
 * whoever must stay out is first locked out at the issuer. A connection that showed its token less than a second ago can be
 * missed, since the index comes later than the table: a second call gets it.
 *
 * @param user the `sub` of the tokens
 * @returns how many connections were ended
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
    await clients.remove(connectionId) // first: what it asks for meanwhile is refused
    await close(connectionId)
    ended++
  }
  return ended
}
