import { query } from '../model'

/** The frames that a client sends, in the dialect of its library. */
export interface ClientFrames {
  readonly init: object
  readonly subscribe: (id: string) => object
  readonly stop: (id: string) => object
}

/** Apollo Client over subscriptions-transport-ws. */
export function legacyFrames(connectionParams: object = {}): ClientFrames {
  return {
    init: { type: 'connection_init', payload: connectionParams },
    subscribe: (id) => ({ id, type: 'start', payload: { query, variables: {}, operationName: null } }),
    stop: (id) => ({ id, type: 'stop' }),
  }
}

/** graphql-ws. */
export const currentFrames: ClientFrames = {
  init: { type: 'connection_init' },
  subscribe: (id) => ({ id, type: 'subscribe', payload: { query } }),
  stop: (id) => ({ id, type: 'complete' }),
}
