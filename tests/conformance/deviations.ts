import { expect } from '@jest/globals'
import { hello } from './cases'

/**
 * A message that this service answers differently from the reference server. docs/reference/protocols.md gives the
 * reason under this id.
 */
export interface Deviation {
  readonly id: string
  readonly dialect: 'legacy' | 'current'
  readonly behaviour: string
  /** Sent after `connection_init` is answered. */
  readonly send: unknown
  readonly reference: Answered
  readonly ours: Answered
}

/** The parsed frames of the answer, or `closed` if the connection ends. */
export type Answered = readonly unknown[] | 'closed'

const query = '{ hello }'
const greeting = { data: { hello: 'Hello' } }
const longId = 'i'.repeat(257)
const idRule = 'The "id" of start must be a string that is not empty.'

/** The message of a JavaScript error in the reference server, which depends on the version of Node. */
const javaScriptText: unknown = expect.any(String)

const error = (id: unknown, message: unknown) => ({
  type: 'error',
  ...(id === undefined ? {} : { id }),
  payload: { message },
})
const connectionError = (message: unknown) => ({ type: 'connection_error', id: null, payload: { message } })
const result = (id: unknown) => {
  const named = id === undefined ? {} : { id }
  return [
    { type: 'data', ...named, payload: greeting },
    { type: 'complete', ...named, payload: null },
  ]
}

export const deviations: readonly Deviation[] = [
  {
    id: 'legacy-text-not-json',
    dialect: 'legacy',
    behaviour: 'A frame that is not JSON gets connection_error with another text.',
    send: '{',
    reference: [connectionError(javaScriptText)],
    ours: [connectionError('Expected the message to be valid JSON.')],
  },
  {
    id: 'legacy-text-null',
    dialect: 'legacy',
    behaviour: 'null gets connection_error with another text.',
    send: 'null',
    reference: [connectionError(javaScriptText)],
    ours: [connectionError('Expected the message to be a JSON object, got null.')],
  },
  {
    id: 'legacy-text-payload',
    dialect: 'legacy',
    behaviour: 'A start without a payload gets error with another text.',
    send: { id: '1', type: 'start' },
    reference: [error('1', javaScriptText)],
    ours: [error('1', 'The "payload" must be an object with a "query".')],
  },
  {
    id: 'legacy-text-query',
    dialect: 'legacy',
    behaviour: 'A query that is not a string gets error with another text.',
    send: { id: '1', type: 'start', payload: { query: 1 } },
    reference: [error('1', javaScriptText)],
    ours: [error('1', 'The "query" must be a string.')],
  },
  {
    id: 'legacy-text-variables',
    dialect: 'legacy',
    behaviour: 'Variables that are not an object get error with another text.',
    send: { id: '1', type: 'start', payload: { query, variables: '{}' } },
    reference: [error('1', expect.stringMatching(/^Variables must be provided as an Object/))],
    ours: [error('1', 'The "variables" must be an object.')],
  },
  {
    id: 'legacy-variables-array',
    dialect: 'legacy',
    behaviour: 'Variables that are an array are refused.',
    send: { id: '1', type: 'start', payload: { query, variables: [] } },
    reference: result('1'),
    ours: [error('1', 'The "variables" must be an object.')],
  },
  {
    id: 'legacy-id-number',
    dialect: 'legacy',
    behaviour: 'A numeric id is refused with error under that id.',
    send: { id: 1, type: 'start', payload: { query } },
    reference: result(1),
    ours: [error(1, idRule)],
  },
  {
    id: 'legacy-id-missing',
    dialect: 'legacy',
    behaviour: 'A start without an id is refused.',
    send: { type: 'start', payload: { query } },
    reference: result(undefined),
    ours: [error(undefined, idRule)],
  },
  {
    id: 'legacy-id-empty',
    dialect: 'legacy',
    behaviour: 'An empty id is refused.',
    send: { id: '', type: 'start', payload: { query } },
    reference: result(''),
    ours: [error('', idRule)],
  },
  {
    id: 'legacy-id-long',
    dialect: 'legacy',
    behaviour: 'An id over 256 bytes is refused.',
    send: { id: longId, type: 'start', payload: { query } },
    reference: result(longId),
    ours: [error(longId, 'The "id" of an operation must be at most 256 bytes of UTF-8.')],
  },
  {
    id: 'legacy-id-half-surrogate',
    dialect: 'legacy',
    behaviour: 'An id that is not well-formed Unicode is refused.',
    send: { id: '\ud83d', type: 'start', payload: { query } },
    reference: result('\ud83d'),
    ours: [error('\ud83d', 'The "id" of an operation must be well-formed Unicode.')],
  },
  {
    id: 'legacy-init-payload',
    dialect: 'legacy',
    behaviour: 'Connection parameters that are not an object are refused.',
    send: { ...hello, payload: 'token' },
    reference: [{ type: 'connection_ack' }],
    ours: [error(undefined, 'The "payload" of connection_init must be an object.')],
  },
  {
    id: 'legacy-ping',
    dialect: 'legacy',
    behaviour: 'A ping of graphql-ws is answered with a pong.',
    send: { type: 'ping' },
    reference: [error(undefined, 'Invalid message type!')],
    ours: [{ type: 'pong' }],
  },
  {
    id: 'legacy-pong',
    dialect: 'legacy',
    behaviour: 'A pong of graphql-ws is accepted without an answer.',
    send: { type: 'pong' },
    reference: [error(undefined, 'Invalid message type!')],
    ours: [],
  },
  {
    id: 'legacy-complete',
    dialect: 'legacy',
    behaviour: 'A complete of graphql-ws is accepted without an answer.',
    send: { type: 'complete', id: '1' },
    reference: [error('1', 'Invalid message type!')],
    ours: [],
  },
  {
    id: 'legacy-names-before-0.9',
    dialect: 'legacy',
    behaviour: 'init, a message type of versions before 0.9, is unknown.',
    send: { type: 'init' },
    reference: [{ type: 'init_success' }],
    ours: [error(undefined, 'Invalid message type!')],
  },
  {
    id: 'current-syntax',
    dialect: 'current',
    behaviour: 'A syntax error fails its operation, not the connection.',
    send: { id: '1', type: 'subscribe', payload: { query: '{' } },
    reference: 'closed',
    ours: [
      {
        type: 'error',
        id: '1',
        payload: [{ message: 'Syntax Error: Expected Name, found <EOF>.', locations: [{ line: 1, column: 2 }] }],
      },
    ],
  },
  {
    id: 'current-id-long',
    dialect: 'current',
    behaviour: 'An id over 256 bytes is refused.',
    send: { id: longId, type: 'subscribe', payload: { query } },
    reference: [
      { type: 'next', id: longId, payload: greeting },
      { type: 'complete', id: longId },
    ],
    ours: [
      {
        type: 'error',
        id: longId,
        payload: [{ message: 'The "id" of an operation must be at most 256 bytes of UTF-8.' }],
      },
    ],
  },
  {
    id: 'current-stop',
    dialect: 'current',
    behaviour: 'A stop of subscriptions-transport-ws is accepted without an answer.',
    send: { type: 'stop', id: '1' },
    reference: 'closed',
    ours: [],
  },
]
