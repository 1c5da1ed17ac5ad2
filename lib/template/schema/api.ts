import { channel, defineApi, type Request } from 'serverless-graphql-subscriptions'

interface Note {
  readonly text: string
}

/** Each board has a log: a client that comes back receives the notes that it missed. */
const notes = channel<Note>('note', { log: true })

interface OnBoard {
  readonly board: string
}

export const api = defineApi<Request>({
  typeDefs: /* GraphQL */ `
    type Note {
      text: String!
    }
    type Query {
      notes(board: ID!, first: Int! = 20): [Note!]!
    }
    type Mutation {
      addNote(board: ID!, text: String!): Note!
    }
    type Subscription {
      noteAdded(board: ID!): Note!
    }
  `,
  context: (request) => request,
  resolvers: {
    Query: {
      async notes(_parent, { board, first }: OnBoard & { first: number }, { read }) {
        const events = await read(notes, board, { first })
        return events.map(({ data }) => data)
      },
    },
    Mutation: {
      async addNote(_parent, { board, text }: OnBoard & Note, { publish }) {
        const note = { text }
        await publish(notes.event(board, note))
        return note
      },
    },
    Subscription: {
      noteAdded: notes.field({ subscribe: ({ board }: OnBoard) => board }),
    },
  },
})
