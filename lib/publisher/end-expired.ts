import { GraphQLError } from 'graphql'
import type { Clients, Subscriber } from '../clients/clients'
import { dialects } from '../protocol/dialects'
import { concurrently } from './concurrently'
import type { Deliver } from './deliver'

/** Posts under way at once: what the SDK keeps open as sockets. */
const concurrency = 50

export interface Ending {
  readonly clients: Pick<Clients, 'endIfExpired' | 'remove'>
  readonly deliver: Deliver
}

/**
 * Ends subscriptions that have outlived their token, or their connection: each is deleted, and its client is told in an error of its
 * dialect. A client that cannot be reached is not told; nobody else's event waits for that.
 */
export async function endExpired(subscribers: readonly Subscriber[], { clients, deliver }: Ending): Promise<void> {
  await concurrently({
    items: each(subscribers),
    limit: concurrency,
    run: async (subscriber) => {
      const ended = await clients.endIfExpired(subscriber)
      if (!ended) return
      const { callbackUrl, dialect } = ended
      const { connectionId, operationId } = subscriber
      for (const frame of dialects[dialect].refusal(operationId, expired()).frames) {
        const { kind } = await deliver({ callbackUrl, connectionId, frame })
        if (kind === 'gone') await clients.remove(connectionId)
      }
    },
  })
}

// eslint-disable-next-line @typescript-eslint/require-await -- `concurrently` takes what comes as it comes
async function* each(subscribers: readonly Subscriber[]): AsyncGenerator<Subscriber> {
  yield* subscribers
}

function expired(): GraphQLError {
  return new GraphQLError('This subscription has outlived its token: connect again with a new one.', {
    extensions: { code: 'UNAUTHENTICATED' },
  })
}
