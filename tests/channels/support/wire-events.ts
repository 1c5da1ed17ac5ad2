/** Events of the fixture API in wire format. The parser and the JSON Schema must agree on each. */
export const event = { channel: 'board', keys: 'a', data: { text: 'Hello' } }

/** Title and event. All are valid. */
export const goodEvents: readonly (readonly [string, unknown])[] = [
  ['with only the required members', event],
  ['with an empty key', { ...event, keys: '' }],
  ['that completes all subscriptions', { channel: 'board', keys: 'a', complete: true }],
  ['that completes the subscriptions of a user', { channel: 'board', keys: 'a', complete: { user: 'ann' } }],
  ['with a key of several parts', { ...event, keys: ['a', '', '/#%'] }],
  ['with an empty list of tags', { ...event, tags: [] }],
  ['with ten tags', { ...event, tags: Array.from({ length: 10 }, (_, n) => `t${n}`) }],
  ['with an id of 1,024 bytes', { ...event, id: 'i'.repeat(1_024) }],
  ['with null as data', { ...event, data: null }],
  ['with a string as data', { ...event, channel: 'draft', data: 'Hel' }],
  [
    'with all optional members',
    { ...event, id: 'e', tags: ['x'], correlationId: '', requestedAt: '2030-01-01T00:00:00.000Z' },
  ],
  ['with a time in another time zone', { ...event, requestedAt: '2030-01-01T00:00:00+01:00' }],
]

/** Title, event, and the parser's error message or a part of it. */
export const wrongEvents: readonly (readonly [string, unknown, string])[] = [
  ['that is a string', 'Hello', 'Expected an event to be an object, got a string.'],
  ['that is null', null, 'Expected an event to be an object, got null.'],
  ['that is a list', [event], 'Expected an event to be an object, got a list.'],
  [
    'with an unknown member',
    { ...event, key: 'a' },
    'Expected an event to have only the members channel, keys, tags, id, data, complete, correlationId, requestedAt, got "key".',
  ],
  [
    'without a channel',
    { ...event, channel: undefined },
    'Expected "channel" to be one of board, person, draft, guests, got undefined.',
  ],
  [
    'of an unknown channel',
    { ...event, channel: 'boards' },
    'Expected "channel" to be one of board, person, draft, guests, got "boards".',
  ],
  ['of the unknown channel "constructor"', { ...event, channel: 'constructor' }, 'got "constructor".'],
  [
    'without keys',
    { ...event, keys: undefined },
    'Expected "keys" to be a string or a list of strings, got undefined.',
  ],
  [
    'with an empty list of keys',
    { ...event, keys: [] },
    'Expected "keys" to hold at least one part, got an empty list.',
  ],
  ['with an object as its key', { ...event, keys: { id: 'a' } }, 'got an object.'],
  ['with null as its key', { ...event, keys: null }, 'got null.'],
  [
    'with a number as a part of its key',
    { ...event, keys: ['a', 7] },
    'Expected each part of "keys" to be a string, got a number.',
  ],
  [
    'with keys that are too long',
    { ...event, keys: 'a'.repeat(2_043) },
    'Expected channel, keys and tag to have at most 2048 bytes together, got 2049.',
  ],
  [
    'with a tag that is too long',
    { ...event, tags: ['a'.repeat(2_041)] },
    'Expected channel, keys and tag to have at most 2048 bytes together, got 2049.',
  ],
  [
    'with half a surrogate pair in its key',
    { ...event, keys: '\ud800' },
    'Expected channel, keys and tag to be well-formed Unicode.',
  ],
  ['with a string as tags', { ...event, tags: 'x' }, 'Expected "tags" to be a list of strings, got a string.'],
  ['with null as tags', { ...event, tags: null }, 'Expected "tags" to be a list of strings, got null.'],
  [
    'with a number as a tag',
    { ...event, tags: ['x', 7] },
    'Expected each of "tags" to be a string that is not empty, got a number.',
  ],
  [
    'with an empty tag',
    { ...event, tags: [''] },
    'Expected each of "tags" to be a string that is not empty, got an empty string.',
  ],
  [
    'with eleven tags',
    { ...event, tags: Array.from({ length: 11 }, (_, n) => `t${n}`) },
    'Expected "tags" to hold at most 10 tags, got 11.',
  ],
  ['with a number as its id', { ...event, id: 7 }, 'Expected "id" to be a string, got a number.'],
  ['with null as its id', { ...event, id: null }, 'Expected "id" to be a string, got null.'],
  ['with an empty id', { ...event, id: '' }, 'Expected "id" to have 1 to 1,024 bytes, got 0.'],
  [
    'with an id of 1,026 bytes in 513 characters',
    { ...event, id: 'é'.repeat(513) },
    'Expected "id" to have 1 to 1,024 bytes, got 1026.',
  ],
  [
    'with an id of 1,025 characters',
    { ...event, id: 'i'.repeat(1_025) },
    'Expected "id" to have 1 to 1,024 bytes, got 1025.',
  ],
  ['with half a surrogate pair in its id', { ...event, id: '\ud800' }, 'Expected "id" to be well-formed Unicode.'],
  [
    'with neither "data" nor "complete"',
    { channel: 'board', keys: 'a' },
    'Expected an event to have either "data" or "complete".',
  ],
  [
    'with both "data" and "complete"',
    { ...event, complete: true },
    'Expected an event to have either "data" or "complete".',
  ],
  [
    'with false as "complete"',
    { channel: 'board', keys: 'a', complete: false },
    'Expected "complete" to be true or { "user": "<subject>" }, got a boolean.',
  ],
  [
    'with an empty user in "complete"',
    { channel: 'board', keys: 'a', complete: { user: '' } },
    'Expected "complete" to be true or { "user": "<subject>" }, got an object.',
  ],
  [
    'with an unknown member in "complete"',
    { channel: 'board', keys: 'a', complete: { user: 'ann', tags: ['x'] } },
    'Expected "complete" to be true or { "user": "<subject>" }, got an object.',
  ],
  [
    'with a number as "correlationId"',
    { ...event, correlationId: 7 },
    'Expected "correlationId" to be a string, got a number.',
  ],
  [
    'with a number as "requestedAt"',
    { ...event, requestedAt: 7 },
    'Expected "requestedAt" to be a string, got a number.',
  ],
  [
    'with a "requestedAt" that is not a time',
    { ...event, requestedAt: 'soon' },
    'Expected "requestedAt" to be a time in ISO 8601.',
  ],
]
