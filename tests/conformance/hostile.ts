/** Malicious input, and its answer. */
export interface HostileInput {
  readonly name: string
  readonly send: unknown
  /** Frames that the answer must match at least, or `closed` if the connection ends. */
  readonly answer: readonly unknown[] | 'closed'
}

const tenThousandAliases = `{ ${Array.from({ length: 10_000 }, (_, n) => `a${n}: hello`).join(' ')} }`
const nestedBraces = '{a'.repeat(60_000)
const notUtf8 = Buffer.from([0xff, 0xfe, 0x00, 0x80])
const tenKilobytes = 'i'.repeat(10_240)
const tooManyTokens = 'Syntax Error: Document contains more that 1000 tokens. Parsing aborted.'
const tooLongId = 'The "id" of an operation must be at most 256 bytes of UTF-8.'
const unknownType = 'Invalid message type!'
const largeSubscription = `subscription { text(board: "a") } #${'x'.repeat(8_192)}`
const tooLargeSubscription = {
  message: 'The document and variables of a subscription may be at most 8192 bytes together, but are 8231.',
  extensions: { code: 'LIMIT_EXCEEDED' },
}
const halfOfAPair = {
  query: 'subscription ($board: ID!) { text(board: $board) }',
  variables: { board: '\ud83d' },
}
const badUnicode = [{ message: 'Expected channel, keys and tag to be well-formed Unicode.' }]
const nestedJson = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
const tooDeep = 'The "variables" must not be nested more than 100 levels deep.'
const protoAsMember = '{"__proto__":{"type":"start"},"constructor":1,"id":"1"}'
const disconnect = { action: '$disconnect', routeKey: '$disconnect', route: '$disconnect' }

const start = (id: unknown, query: unknown) => ({ id, type: 'start', payload: { query } })
const subscribe = (id: unknown, query: unknown) => ({ id, type: 'subscribe', payload: { query } })

const deepVariables = (type: string) =>
  `{"id":"1","type":"${type}","payload":{"query":"{hello}","variables":${nestedJson}}}`

/** Input to a connection of subscriptions-transport-ws. */
export const hostileToLegacy: readonly HostileInput[] = [
  { name: 'an empty frame', send: '', answer: [{ type: 'connection_error' }] },
  { name: 'null', send: 'null', answer: [{ type: 'connection_error' }] },
  { name: 'bytes that are not UTF-8', send: notUtf8, answer: [{ type: 'connection_error' }] },
  {
    name: 'a message that names a route',
    send: disconnect,
    answer: [{ type: 'error', payload: { message: unknownType } }],
  },
  { name: 'keys such as __proto__', send: protoAsMember, answer: [{ type: 'error', id: '1' }] },
  {
    name: 'an id of 10 KB',
    send: start(tenKilobytes, '{ hello }'),
    answer: [{ type: 'error', id: tenKilobytes, payload: { message: tooLongId } }],
  },
  {
    name: 'variables nested 20,000 levels deep',
    send: deepVariables('start'),
    answer: [{ type: 'error', id: '1', payload: { message: tooDeep } }],
  },
  {
    name: '10,000 aliases',
    send: start('1', tenThousandAliases),
    answer: [{ type: 'error', id: '1', payload: { message: tooManyTokens } }],
  },
  {
    name: '60,000 nested braces',
    send: start('1', nestedBraces),
    answer: [{ type: 'error', id: '1', payload: { message: tooManyTokens } }],
  },
  {
    name: 'a subscription that is too large to be stored',
    send: start('1', largeSubscription),
    answer: [{ type: 'error', id: '1', payload: tooLargeSubscription }],
  },
  {
    name: 'an unpaired surrogate',
    send: { ...start('1', ''), payload: halfOfAPair },
    answer: [{ type: 'data', id: '1', payload: { errors: badUnicode } }, { type: 'complete' }],
  },
]

/** Input to a connection of graphql-ws. */
export const hostileToCurrent: readonly HostileInput[] = [
  { name: 'bytes that are not UTF-8', send: notUtf8, answer: 'closed' },
  { name: 'a message that names a route', send: disconnect, answer: 'closed' },
  { name: 'keys such as __proto__', send: protoAsMember, answer: 'closed' },
  {
    name: 'an id of 10 KB',
    send: subscribe(tenKilobytes, '{ hello }'),
    answer: [{ type: 'error', id: tenKilobytes, payload: [{ message: tooLongId }] }],
  },
  { name: 'variables nested 20,000 levels deep', send: deepVariables('subscribe'), answer: 'closed' },
  { name: 'a ping nested 20,000 levels deep', send: `{"type":"ping","payload":${nestedJson}}`, answer: 'closed' },
  {
    name: '10,000 aliases',
    send: subscribe('1', tenThousandAliases),
    answer: [{ type: 'error', id: '1', payload: [{ message: tooManyTokens }] }],
  },
  {
    name: '60,000 nested braces',
    send: subscribe('1', nestedBraces),
    answer: [{ type: 'error', id: '1', payload: [{ message: tooManyTokens }] }],
  },
  {
    name: 'a subscription that is too large to be stored',
    send: subscribe('1', largeSubscription),
    answer: [{ type: 'error', id: '1', payload: [tooLargeSubscription] }],
  },
  {
    name: 'an unpaired surrogate',
    send: { ...subscribe('1', ''), payload: halfOfAPair },
    answer: [{ type: 'next', id: '1', payload: { errors: badUnicode } }, { type: 'complete' }],
  },
]

/** Input to a connection without a sub-protocol. */
export const hostileToRaw: readonly HostileInput[] = [
  { name: 'a query that is not a string', send: { query: { kind: 'Document' } }, answer: [{ errors: [{}] }] },
  { name: 'variables that are an array', send: { query: '{ hello }', variables: [] }, answer: [{ errors: [{}] }] },
  {
    name: 'variables nested 20,000 levels deep',
    send: `{"query":"{hello}","variables":${nestedJson}}`,
    answer: [{ errors: [{ message: tooDeep }] }],
  },
  { name: '10,000 aliases', send: { query: tenThousandAliases }, answer: [{ errors: [{ message: tooManyTokens }] }] },
  { name: '60,000 nested braces', send: { query: nestedBraces }, answer: [{ errors: [{ message: tooManyTokens }] }] },
  { name: 'a syntax error', send: { query: '{' }, answer: [{ errors: [{}] }] },
  {
    name: 'a subscription that is too large to be stored',
    send: { query: largeSubscription },
    answer: [{ errors: [tooLargeSubscription] }],
  },
  { name: 'an unpaired surrogate', send: halfOfAPair, answer: [{ errors: badUnicode }] },
]
