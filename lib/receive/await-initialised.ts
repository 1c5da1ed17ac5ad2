import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../clients/client'
import type { Clients } from '../clients/clients'

/**
 * Maximum wait for the `connection_init` that was sent before the operation. Its Lambda may have to start, and to fetch
 * the issuer's keys.
 */
const patienceMs = 5_000

/** On an older connection nothing waits: a client that sends `connection_init` sends it first. */
const youngForMs = 10_000

/** Doubled after each read: at most 7 reads in 5 s. */
const firstPauseMs = 50

/**
 * Waits until a client's `connection_init` is acknowledged. A client of the legacy protocol sends its first `start`
 * right after it, and API Gateway runs both concurrently, in any order.
 *
 * The function is occupied meanwhile, so the wait ends after 5 s, or when the connection is 10 s old. Callers count the
 * operation first (`overRate`).
 *
 * @returns the client as it is then, possibly still not acknowledged; undefined if it was refused or has disconnected
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
