import type { Step } from './transcript'

/** One requirement of a protocol, with the messages of a client that relies on it. */
export interface ConformanceCase {
  /** Stable, because docs/reference/protocols.md refers to it. It is also the name of the case's board. */
  readonly id: string
  /** A sentence with MUST or SHOULD. */
  readonly requirement: string
  readonly steps: readonly Step[]
}

export const hello = { type: 'connection_init' }
const query = '{ hello }'
const twoOperations = 'query A { a: hello } query B { b: hello }'
const needsVariable = 'query ($skip: Boolean!) { hello @skip(if: $skip) }'

/** A subscription to the tagged notes on a case's board. */
export function taggedOn(board: string): string {
  return `subscription { notes(board: ${JSON.stringify(board)}, tags: ["fr"]) { text tag } }`
}

export function postTo(board: string): string {
  return `mutation { post(board: ${JSON.stringify(board)}, text: "Good morning", tag: "fr") }`
}

/** The wording of a protocol for what both have, so that common requirements are listed once. */
interface Wording {
  readonly prefix: string
  /** The message that starts an operation. */
  readonly start: (id: unknown, request: unknown) => unknown
  /** The message that stops an operation. */
  readonly stop: (id: string) => unknown
  /** The number of frames that answer an operation that is valid GraphQL syntax but otherwise wrong. */
  readonly framesOfInvalid: number
}

const legacy: Wording = {
  prefix: 'legacy',
  start: (id, payload) => ({ id, type: 'start', payload }),
  stop: (id) => ({ id, type: 'stop' }),
  framesOfInvalid: 2,
}

const current: Wording = {
  prefix: 'current',
  start: (id, payload) => ({ id, type: 'subscribe', payload }),
  stop: (id) => ({ id, type: 'complete' }),
  framesOfInvalid: 1,
}

function inBoth({ prefix, start, stop, framesOfInvalid }: Wording): readonly ConformanceCase[] {
  const connect: Step = { send: hello, frames: 1 }
  const make = (name: string, requirement: string, steps: (board: string) => readonly Step[]): ConformanceCase => {
    const id = `${prefix}-${name}`
    return { id, requirement, steps: [connect, ...steps(id)] }
  }
  const refused = (name: string, requirement: string, payload: unknown): ConformanceCase =>
    make(name, requirement, () => [
      { send: start('1', payload), frames: framesOfInvalid },
      { send: start('2', { query }), frames: 2 },
    ])

  return [
    make('init', 'The server MUST answer connection_init with connection_ack.', () => []),
    make('query', 'A query MUST be answered with its result and then completed.', () => [
      { send: start('1', { query }), frames: 2 },
    ]),
    make('query-null-parts', 'Null variables and a null operation name MUST count as omitted.', () => [
      { send: start('1', { query, variables: null, operationName: null }), frames: 2 },
    ]),
    make('query-extensions', 'Extensions of a request MUST NOT affect its result.', () => [
      { send: start('1', { query, extensions: { persistedQuery: { version: 1 } } }), frames: 2 },
    ]),
    make('query-again', 'An id MUST be reusable once its operation is completed.', () => [
      { send: start('1', { query }), frames: 2 },
      { send: start('1', { query: '{ again: hello }' }), frames: 2 },
    ]),
    make('query-two', 'Two concurrent operations MUST each be answered under their own id.', () => [
      { send: start('1', { query: '{ first: hello }' }) },
      { send: start('2', { query: '{ second: hello }' }), frames: 4 },
    ]),
    make('query-named', 'The named operation of a document MUST be the one that runs.', () => [
      { send: start('1', { query: twoOperations, operationName: 'B' }), frames: 2 },
    ]),
    make('query-variables', 'Variables MUST be passed to the operation.', () => [
      { send: start('1', { query: needsVariable, variables: { skip: true } }), frames: 2 },
    ]),
    make('query-introspection', 'Introspection MUST be answered if the stage allows it.', () => [
      {
        send: start('1', { query: '{ __schema { queryType { name } } __type(name: "Note") { kind } }' }),
        frames: 2,
      },
    ]),
    make('id-of-any-kind', 'An id of any characters MUST be returned unchanged.', () => [
      { send: start('client', { query }), frames: 2 },
      { send: start('subscription#1', { query }), frames: 2 },
      { send: start('__proto__', { query }), frames: 2 },
      { send: start('constructor', { query }), frames: 2 },
      { send: start('"\\ \u0000 \u2028 é 漢 👩‍👩‍👧', { query }), frames: 2 },
    ]),
    make('keys-of-objects', 'Keys such as __proto__ and constructor MUST be ordinary keys of variables.', () => [
      {
        send: JSON.stringify(start('1', { query: needsVariable, variables: 'here' })).replace(
          '"here"',
          '{"__proto__":{"skip":false},"constructor":1,"skip":false}',
        ),
        frames: 2,
      },
    ]),
    make('mutation', 'A mutation MUST be answered with its result and then completed.', (board) => [
      { send: start('1', { query: postTo(board) }), frames: 2 },
    ]),
    make('mutation-error', 'An error of a resolver MUST be returned in errors beside data.', () => [
      { send: start('1', { query: 'mutation { post(board: "", text: "Good morning") }' }), frames: 2 },
    ]),
    make('mutation-error-null', 'An error of the resolver of a non-null field MUST make data null.', () => [
      { send: start('1', { query: 'mutation { write(to: "", text: "Good morning") }' }), frames: 2 },
    ]),
    make('subscription', 'A subscription MUST receive each of its events.', (board) => [
      { send: start('s', { query: taggedOn(board) }) },
      { listeners: 1 },
      { send: start('m1', { query: postTo(board) }), frames: 3 },
      { send: start('m2', { query: postTo(board) }), frames: 3 },
    ]),
    make(
      'subscription-selection',
      'Variables, aliases, fragments and directives of a subscription MUST take effect.',
      (board) => [
        {
          send: start('s', {
            query: `
              subscription Other { text(board: "other") }
              subscription Chosen($board: ID!, $tags: [String!] = ["fr"], $with: Boolean!) {
                said: notes(board: $board, tags: $tags) { ...Words sequence @skip(if: true) __typename }
              }
              fragment Words on Note { words: text ... on Note @include(if: $with) { tag } }`,
            variables: { board, with: true },
            operationName: 'Chosen',
          }),
        },
        { listeners: 1 },
        { send: start('m', { query: postTo(board) }), frames: 3 },
      ],
    ),
    make('subscription-two', 'Two subscriptions of one connection MUST each receive the event.', (board) => [
      { send: start('s1', { query: taggedOn(board) }) },
      { send: start('s2', { query: taggedOn(board).replace('text', 'words: text') }) },
      { listeners: 2 },
      { send: start('m', { query: postTo(board) }), frames: 4 },
    ]),
    make(
      'subscription-stop',
      'A stopped subscription MUST receive no event, and the others MUST still receive it.',
      (board) => [
        { send: start('s1', { query: taggedOn(board) }) },
        { send: start('s2', { query: taggedOn(board) }) },
        { listeners: 2 },
        { send: stop('s1') },
        { listeners: 1 },
        { send: start('m', { query: postTo(board) }), frames: 3 },
      ],
    ),
    make('subscription-again', 'The id of a stopped subscription MUST be reusable.', (board) => [
      { send: start('s', { query: taggedOn(board) }) },
      { listeners: 1 },
      { send: stop('s') },
      { listeners: 0 },
      { send: start('s', { query: taggedOn(board).replace('text', 'again: text') }) },
      { listeners: 1 },
      { send: start('m', { query: postTo(board) }), frames: 3 },
    ]),
    make('stop-unknown', 'A request to stop an operation that is not running MUST be ignored.', () => [
      { send: stop('nobody') },
      { send: start('1', { query }), frames: 2 },
    ]),
    make(
      'subscription-refused',
      'A subscription that its resolver refuses MUST be answered with the error and completed.',
      () => [{ send: start('1', { query: 'subscription { text(board: "") }' }), frames: 2 }],
    ),
    refused('validation', 'A document that is invalid against the schema MUST be refused with the reasons.', {
      query: '{ nothing { a } hello(x: 1) }',
    }),
    refused('validation-subscription', 'A subscription with two root fields MUST be refused.', {
      query: 'subscription { a: text(board: "a") b: text(board: "b") }',
    }),
    refused('fragments-in-a-circle', 'Fragments that form a cycle MUST be refused.', {
      query: '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    }),
    refused('operation-ambiguous', 'A document with several operations MUST be refused if none is named.', {
      query: twoOperations,
    }),
    refused('operation-unknown', 'An operation name that is not in the document MUST be refused.', {
      query: twoOperations,
      operationName: 'C',
    }),
    refused(
      'operation-unknown-subscription',
      'An operation name that is not in a subscription document MUST be refused.',
      {
        query: 'subscription A { text(board: "a") }',
        operationName: 'C',
      },
    ),
    refused('operation-missing', 'A document without an operation MUST be refused.', {
      query: 'fragment A on Query { hello }',
    }),
    make('variable-missing', 'A query that lacks a variable MUST be answered with the error and completed.', () => [
      { send: start('1', { query: needsVariable }), frames: 2 },
    ]),
    make(
      'variable-wrong',
      'A query with a variable of a wrong type MUST be answered with the error and completed.',
      () => [{ send: start('1', { query: needsVariable, variables: { skip: 'yes' } }), frames: 2 }],
    ),
    make(
      'variable-missing-subscription',
      'A subscription that lacks a variable MUST be answered with the error and completed.',
      () => [{ send: start('1', { query: 'subscription ($board: ID!) { text(board: $board) }' }), frames: 2 }],
    ),
  ]
}

/** Requirements that both `SubscriptionServer` of subscriptions-transport-ws 0.11 and this service meet. */
export const legacyCases: readonly ConformanceCase[] = [
  ...inBoth(legacy),
  {
    id: 'legacy-init-twice',
    requirement: 'Each connection_init MUST be answered.',
    steps: [
      { send: hello, frames: 1 },
      { send: hello, frames: 1 },
    ],
  },
  {
    id: 'legacy-init-missing',
    requirement: 'A start before connection_init MUST be executed.',
    steps: [{ send: legacy.start('1', { query }), frames: 2 }],
  },
  {
    id: 'legacy-same-id',
    requirement: 'A start with the id of a running subscription MUST replace it.',
    steps: [
      { send: hello, frames: 1 },
      { send: legacy.start('s', { query: taggedOn('legacy-same-id') }) },
      { listeners: 1 },
      { send: legacy.start('s', { query: 'subscription { text(board: "elsewhere") }' }) },
      { listeners: 0 },
      { send: legacy.start('s', { query: taggedOn('legacy-same-id').replace('text', 'third: text') }) },
      { listeners: 1 },
      { send: legacy.start('m', { query: postTo('legacy-same-id') }), frames: 3 },
    ],
  },
  {
    id: 'legacy-syntax',
    requirement: 'A syntax error MUST be answered with error, and the connection MUST stay open.',
    steps: [
      { send: hello, frames: 1 },
      { send: legacy.start('1', { query: '{ hello' }), frames: 1 },
      { send: legacy.start('2', { query: '' }), frames: 1 },
      { send: legacy.start('3', { query }), frames: 2 },
    ],
  },
  {
    id: 'legacy-type-unknown',
    requirement: 'A message of an unknown type MUST be answered with error, under its id if it has one.',
    steps: [
      { send: { type: 'begin', id: '1' }, frames: 1 },
      { send: { type: 'begin' }, frames: 1 },
      { send: { id: '1' }, frames: 1 },
      { send: {}, frames: 1 },
      { send: [], frames: 1 },
      { send: [legacy.start('1', { query })], frames: 1 },
      { send: 'true', frames: 1 },
      { send: '"start"', frames: 1 },
      { send: { type: 'constructor', id: '__proto__' }, frames: 1 },
      { send: '{"__proto__":{"type":"start"},"id":"1"}', frames: 1 },
    ],
  },
  {
    id: 'legacy-stop-without-id',
    requirement: 'A stop without a valid id MUST be ignored.',
    steps: [
      { send: { type: 'stop' } },
      { send: { type: 'stop', id: '' } },
      { send: { type: 'stop', id: null } },
      { send: { type: 'stop', id: 1 } },
    ],
  },
  {
    id: 'legacy-terminate',
    requirement: 'connection_terminate MUST end the connection.',
    steps: [
      { send: hello, frames: 1 },
      { send: { type: 'connection_terminate' }, closes: true },
    ],
  },
]

/**
 * Requirements that both `useServer` of graphql-ws 6 and this service meet. Closes are compared without their codes.
 */
export const currentCases: readonly ConformanceCase[] = [
  ...inBoth(current),
  {
    id: 'current-ping',
    requirement: 'A ping MUST be answered with a pong of the same payload, before and after connection_ack.',
    steps: [
      { send: { type: 'ping' }, frames: 1 },
      { send: { type: 'ping', payload: { a: [1] } }, frames: 1 },
      { send: hello, frames: 1 },
      { send: { type: 'ping', payload: {} }, frames: 1 },
      { send: { type: 'ping', payload: null }, frames: 1 },
    ],
  },
  {
    id: 'current-pong',
    requirement: 'An unsolicited pong MUST be ignored.',
    steps: [{ send: { type: 'pong' } }, { send: { type: 'pong', payload: { a: 1 } } }],
  },
  {
    id: 'current-init-payload',
    requirement: 'A connection_init with an object as payload MUST be answered.',
    steps: [{ send: { ...hello, payload: { client: 'a' } }, frames: 1 }],
  },
  ...closing('init-twice', 'A second connection_init MUST end the connection (4429).', [
    { send: hello, frames: 1 },
    { send: hello, closes: true },
  ]),
  ...closing('init-missing', 'A subscribe before connection_ack MUST end the connection (4401).', [
    { send: current.start('1', { query }), closes: true },
  ]),
  {
    id: 'current-same-id',
    requirement: 'A subscribe with the id of a running subscription MUST end the connection (4409).',
    steps: [
      { send: hello, frames: 1 },
      { send: current.start('s', { query: taggedOn('current-same-id') }) },
      { listeners: 1 },
      { send: current.start('s', { query }), closes: true },
    ],
  },
  ...[
    ['not-json', '{'],
    ['empty', ''],
    ['null', 'null'],
    ['array', []],
    ['string', '"subscribe"'],
    ['no-type', { id: '1', payload: { query } }],
    ['type-unknown', { type: 'begin', id: '1' }],
    ['type-legacy', { type: 'start', id: '1', payload: { query } }],
    ['type-of-objects', { type: 'constructor', id: '1' }],
    ['type-number', { type: 1, id: '1' }],
    ['init-payload-wrong', { ...hello, payload: 'token' }],
    ['ping-payload-wrong', { type: 'ping', payload: [] }],
    ['pong-payload-wrong', { type: 'pong', payload: 1 }],
    ['id-missing', { type: 'subscribe', payload: { query } }],
    ['id-number', current.start(1, { query })],
    ['id-null', current.start(null, { query })],
    ['id-empty', current.start('', { query })],
    ['complete-id-missing', { type: 'complete' }],
    ['complete-id-number', { type: 'complete', id: 1 }],
    ['payload-missing', { type: 'subscribe', id: '1' }],
    ['payload-array', current.start('1', [])],
    ['query-missing', current.start('1', {})],
    ['query-number', current.start('1', { query: 1 })],
    ['variables-array', current.start('1', { query, variables: [] })],
    ['variables-string', current.start('1', { query, variables: '{}' })],
    ['operation-name-number', current.start('1', { query, operationName: 1 })],
    ['extensions-string', current.start('1', { query, extensions: 'none' })],
  ].flatMap(([name, message]) =>
    closing(String(name), `An invalid message (${String(name)}) MUST end the connection (4400).`, [
      { send: hello, frames: 1 },
      { send: message, closes: true },
    ]),
  ),
]

function closing(name: string, requirement: string, steps: readonly Step[]): readonly ConformanceCase[] {
  return [{ id: `current-close-${name}`, requirement, steps }]
}
