import { setTimeout as sleep } from 'node:timers/promises'
import type { Clients } from '../clients/clients'
import type { Client } from '../clients/client'

/**
 * How long an operation waits for the `connection_init` that was sent before it. Its Lambda may have to start, and to fetch the
 * issuer's keys.
 */
const patienceMs = 5_000
const firstPauseMs = 50
const longestPauseMs = 800

/**
 * Waits until a client that has not said who it is has said so. A client of the legacy protocol sends its first `start` right behind
 * `connection_init`, and API Gateway runs both at the same time, in any order.
 *
 * @returns undefined if it was refused or has disconnected meanwhile, or has not said who it is in 5 s
 */
export async function awaitIdentity(connectionId: string, clients: Pick<Clients, 'find'>): Promise<Client | undefined> {
  const endMs = Date.now() + patienceMs
  for (let pauseMs = firstPauseMs; Date.now() < endMs; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    await sleep(pauseMs)
    const client = await clients.find(connectionId)
    if (!client || client.identity) return client
  }
  return undefined
}
