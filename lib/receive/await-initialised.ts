import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../clients/client'
import type { Clients } from '../clients/clients'

/**
 * How long an operation waits for the `connection_init` that was sent ahead of it. Its Lambda may have to start, and to fetch the
 * issuer's keys.
 */
const patienceMs = 5_000

/** Nothing waits on an older connection: a client that sends `connection_init` at all sends it first. */
const youngForMs = 10_000

/** Doubled after each read: at most 7 reads in 5 s. */
const firstPauseMs = 50

/**
 * Waits until the `connection_init` of a client is answered. A client of the legacy protocol sends its first `start` right behind it, and
 * API Gateway runs both at the same time, in any order.
 *
 * The function is held meanwhile, so that ends after 5 s, or when the connection is ten seconds old; and callers count the operation
 * first (`overRate`).
 *
 * @returns the client as it is then, which may still not be acknowledged; undefined if it was refused or has disconnected
 */
export async function awaitInitialised(client: Client, clients: Pick<Clients, 'find'>): Promise<Client | undefined> {
  const endMs = Math.min(Date.now() + patienceMs, client.connectedAtMs + youngForMs)
  let latest: Client | undefined = client
  for (let pauseMs = firstPauseMs; latest && !latest.acknowledged && Date.now() < endMs; pauseMs *= 2) {
    await sleep(Math.min(pauseMs, endMs - Date.now()))
    latest = await clients.find(client.connectionId)
  }
  return latest
}
