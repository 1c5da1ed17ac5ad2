import { GraphQLError } from 'graphql'
import { connectionLost, type Answer, type Dialect } from './dialect'

/** No protocol: a request is one frame `{"query":…}`, and each result or event is one frame `{"data":…}`. */
export const raw: Dialect = {
  name: 'raw',

  answer(_id, outcome) {
    switch (outcome.kind) {
      case 'result':
        return { frames: [JSON.stringify(outcome.result)] }
      case 'invalid':
      case 'unidentified':
        return errors(outcome.errors)
      case 'syntaxError':
        return errors([outcome.error])
    }
  },

  refusal: (_id, refused) => errors([refused]),

  protocolError: ({ reason }) => errors([new GraphQLError(reason)]),

  failure: (failed) => errors([failed]),

  unregistered: () => ({
    ...errors([new GraphQLError(connectionLost)]),
    close: { code: 1011, reason: connectionLost },
  }),

  complete: () => undefined, // the dialect has only frames with results, and an end is no error

  eventHead: (payload) => payload,

  eventEnd: () => '',
}

function errors(list: readonly GraphQLError[]): Answer {
  return { frames: [JSON.stringify({ errors: list })] }
}
