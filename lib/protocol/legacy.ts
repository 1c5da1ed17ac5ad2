import { connectionLost, type Dialect } from './dialect'

/**
 * The protocol of subscriptions-transport-ws 0.11. Its WebSocket sub-protocol is called `graphql-ws`, and Apollo Client
 * speaks it over an empty protocol array. Answers follow its `SubscriptionServer`.
 */
export const legacy: Dialect = {
  name: 'legacy',

  answer(id, outcome) {
    switch (outcome.kind) {
      case 'result':
        return { frames: [data(id, outcome.result), complete(id)] }
      case 'invalid':
      case 'unidentified':
        return { frames: [data(id, { errors: outcome.errors }), complete(id)] }
      case 'syntaxError':
        return { frames: [error(id, outcome.error.message)] }
    }
  },

  refusal: (id, refused) => ({ frames: [JSON.stringify({ type: 'error', id, payload: refused })] }),

  protocolError: ({ fault, id, reason }) => ({
    frames: [fault === 'unreadable' ? connectionError(reason) : error(id, reason)],
  }),

  failure: ({ message }) => ({ frames: [connectionError(message)], close: { code: 1011, reason: message } }),

  unregistered: (id) => ({
    frames: [id === undefined ? connectionError(connectionLost) : error(id, connectionLost)],
    close: { code: 1011, reason: connectionLost },
  }),

  forbidden: (reason) => ({ frames: [connectionError(reason)], close: { code: 1011, reason } }),

  complete,

  eventHead: (payload) => `{"type":"data","payload":${payload},"id":`,

  eventEnd: (id) => `${JSON.stringify(id)}}`,
}

function data(id: string, payload: unknown): string {
  return JSON.stringify({ type: 'data', id, payload })
}

function complete(id: string): string {
  return JSON.stringify({ type: 'complete', id, payload: null })
}

function error(id: string | number | undefined, message: string): string {
  return JSON.stringify({ type: 'error', id, payload: { message } })
}

function connectionError(message: string): string {
  return JSON.stringify({ type: 'connection_error', id: null, payload: { message } })
}
