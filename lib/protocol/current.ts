import { GraphQLError } from 'graphql'
import { connectionLost, type Answer, type Dialect } from './dialect'

/**
 * The GraphQL over WebSocket protocol of graphql-ws 5 and 6, sub-protocol `graphql-transport-ws`. Where its PROTOCOL document closes the
 * socket with a code, the connection is closed through @connections, which always sends 1000; see `refused`. A syntax error is an
 * `error` message, as the protocol allows before execution: one bad operation does not cost a client its others.
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
    fault === 'refusedOperation' && typeof id === 'string'
      ? error(id, [new GraphQLError(reason)])
      : refused(4400, `Invalid message received: ${reason}`),

  // Without a frame, which would make graphql-ws give up.
  failure: ({ message }) => ({ frames: [], close: { code: 4500, reason: message, isDelayed: true } }),

  // At once: its next connection is registered, and served or refused.
  unregistered: () => ({ frames: [], close: { code: 4401, reason: connectionLost } }),

  forbidden: (reason) => refused(4403, reason),

  complete,

  event: (payload) => ({ head: `{"type":"next","payload":${payload},"id":`, tail: '}', hasId: true }),
}

/** The answer to a `subscribe` before `connection_ack`. */
export const unauthorized: Answer = refused(4401, 'Unauthorized')

/** The answer to a second `connection_init`. */
export const tooManyInitialisationRequests: Answer = refused(4429, 'Too many initialisation requests')

/** The answer to a `subscribe` with an id that another subscription of the connection has. */
export function subscriberAlreadyExists(id: string): Answer {
  return refused(4409, `Subscriber for ${id} already exists`)
}

function complete(id: string): string {
  return JSON.stringify({ id, type: 'complete' })
}

function error(id: string, errors: readonly GraphQLError[]): Answer {
  return { frames: [JSON.stringify({ id, type: 'error', payload: errors })] }
}

/**
 * Ends a connection that the client must not open again as it did. At a close with 1000 graphql-ws would reconnect at once, without
 * limit. A message of an unknown type makes it give up, as a code of the protocol would, and hand that type to the application: `Invalid
 * message 'type' property "4403: The token has expired."`
 */
function refused(code: number, reason: string): Answer {
  return { frames: [JSON.stringify({ type: `${code}: ${reason}` })], close: { code, reason } }
}
