import { describe, expect, it } from '@jest/globals'
import { channelTopic } from '../../lib/channels/topic'
import { operationHash } from '../../lib/clients/items'
import { sessionName } from '../../lib/clients/sessions'
import { memberId } from '../../lib/presence/members'

const callbackUrl = 'https://example.com/dev'
const lobby = channelTopic('chat', 'lobby')

// The tables hold these hashes. If one changed, clients that reconnect would not find their sessions and cursors.
describe('a hash keeps its value from version to version:', () => {
  const request = { query: 'subscription { text }', variables: { unused: 1 }, operationName: 'A' }
  const asked = { topics: [lobby], eventVariables: { board: 'é' } }
  const hashOf = (more: object) =>
    operationHash({ callbackUrl, dialect: 'current', request: { ...request, ...more } }, asked)

  it.each([
    ['an operation', () => hashOf({}), 'ZI4b_VoYZQgcrKQ8alXruA'],
    ['an operation with cursors', () => hashOf({ withCursors: true }), '82MikEJxIDu8DQwFvzx4cg'],
    ['the session of a user', () => sessionName('page-1', 'alice'), 'HireHD6RyzGWWdg0I_oIww'],
    ['the session of a client without a token', () => sessionName('page-1', undefined), '5LNSqYZ_FHxSoHew40ZP_Q'],
  ])('%s', (_what, hash, value) => {
    expect(hash()).toBe(value)
  })

  const client = { connectionId: 'c', callbackUrl, connectedAtMs: 0, acknowledged: true, ttl: 1 }
  const identity = { subject: 'alice', groups: [], claims: {}, expiresAtSeconds: 1 }
  it.each([
    ['a member who is a user', { identity, session: 's' }, 'oxyjiP4Csm0HAjhh'],
    ['a member who is a session', { session: 's' }, 'DcNDrPP0_-AC_DTj'],
    ['a member who is a connection', {}, 'eEt6usPa4c4mv8Yz'],
  ])('%s', (_who, more, value) => {
    expect(memberId(lobby, { ...client, ...more })).toBe(value)
  })
})
