import { GraphQLError } from 'graphql'
import { connectionLost, type Answer, type Dialect } from './dialect'

/**
 * The GraphQL over WebSocket protocol of graphql-ws 5 and 6, sub-protocol `graphql-transport-ws`. Where its PROTOCOL
 * document closes the socket with a code, @connections closes it, always with 1000: see `refused`. A syntax error is
 * answered with an `error` message, which the protocol allows before execution: one invalid operation does not cost a
 * client its others.
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
    }
  },

  refusal: (id, refused) => error(id, [refused]),

  protocolError: ({ fault, id, reason }) =>
    fault === 'refusedOperation' && typeof id === 'string'
      ? error(id, [new GraphQLError(reason)])
      : refused(4400, `Invalid message received: ${reason}`),

  // No frame, because any frame would make graphql-ws give up.
  failure: ({ message }) => ({ frames: [], close: { code: 4500, reason: message, isDelayed: true } }),

  // Not delayed: the next connection will be registered, and served or refused.
  unregistered: () => ({ frames: [], close: { code: 4401, reason: connectionLost } }),

  forbidden: (reason) => refused(4403, reason),

  complete,

  eventHead: (payload) => `{"type":"next","payload":${payload},"id":`,

  eventEnd: (id) => `${JSON.stringify(id)}}`,
}

/** The answer to a `subscribe` before `connection_ack`. */
export const unauthorized: Answer = refused(4401, 'Unauthorized')

/** The answer to a second `connection_init`. */
export const tooManyInitialisationRequests: Answer = refused(4429, 'Too many initialisation requests')

/** The answer to a `subscribe` whose id another subscription of the connection uses. */
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
 * Ends a connection that the client must not reopen unchanged. On a close with 1000, graphql-ws would reconnect
 * immediately, without limit. A message of an unknown type makes it give up, as a close code of the protocol would, and
 * report the type to the application: `Invalid message 'type' property "4403: The token has expired."`
 */
function refused(code: number, reason: string): Answer {
  return { frames: [JSON.stringify({ type: `${code}: ${reason}` })], close: { code, reason } }
}
