import type { Clients } from '../clients/clients'
import { report } from './metrics'

/** Adds metrics to the store: subscriptions that begin, and operations refused for their rate. */
export function countingClients(clients: Clients): Clients {
  return {
    ...clients,
    subscribe: async (subscription) => {
      const outcome = await clients.subscribe(subscription)
      if (outcome === 'stored') report({ Subscribed: 1 })
      return outcome
    },
    countOperation: async (client, max) => {
      const allowed = await clients.countOperation(client, max)
      if (!allowed) report({ RateLimited: 1 })
      return allowed
    },
  }
}
