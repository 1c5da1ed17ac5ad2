import { GraphQLError } from 'graphql'
import { connectionLost, type Answer, type Dialect } from './dialect'

/**
 * The GraphQL over WebSocket protocol of graphql-ws 5 and 6, sub-protocol `graphql-transport-ws`. Where its PROTOCOL document
 * closes the socket with a code, the connection is closed through @connections, which sends none. A syntax error is an `error`
 * message, as the protocol allows before execution: one bad operation does not cost a client its others.
 */
export const current: Dialect = {
  name: 'current',

  answer(id, outcome) {
    switch (outcome.kind) {
      case 'result':
        return {
          frames: [JSON.stringify({ id, type: 'next', payload: outcome.result }), complete(id)],
        }
      case 'invalid':
        return error(id, outcome.errors)
      case 'unidentified':
        return error(id, [new GraphQLError('Unable to identify operation')])
      case 'syntaxError':
        return error(id, [outcome.error])
      case 'subscribed':
        return { frames: [] }
    }
  },

  refusal: (id, refused) => error(id, [refused]),

  protocolError: ({ fault, id, reason }) =>
    fault === 'refusedId' && typeof id === 'string'
      ? error(id, [new GraphQLError(reason)])
      : closed(4400, `Invalid message received: ${reason}`),

  failure: ({ message }) => closed(4500, message),

  unregistered: () => closed(4401, connectionLost),

  forbidden: () => closed(4403, 'Forbidden'),

  complete,

  event: (payload) => ({ head: `{"type":"next","payload":${payload},"id":`, tail: '}', hasId: true }),
}

/** The answer to a `subscribe` before `connection_ack`. */
export const unauthorized: Answer = closed(4401, 'Unauthorized')

/** The answer to a second `connection_init`. */
export const tooManyInitialisationRequests: Answer = closed(4429, 'Too many initialisation requests')

/** The answer to a `subscribe` with an id that another subscription of the connection has. */
export function subscriberAlreadyExists(id: string): Answer {
  return closed(4409, `Subscriber for ${id} already exists`)
}

function complete(id: string): string {
  return JSON.stringify({ id, type: 'complete' })
}

function error(id: string, errors: readonly GraphQLError[]): Answer {
  return { frames: [JSON.stringify({ id, type: 'error', payload: errors })] }
}

function closed(code: number, reason: string): Answer {
  return { frames: [], close: { code, reason } }
}
