import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { type Issuer, startIssuer } from '../support/issuer'
import { libraries, type Library, type SpoiledLines, startSpoiledLines } from './support/spoiled-lines'

let lines: SpoiledLines
let issuer: Issuer
const outside = process.env
const realNow = Date.now
let laterMs = 0

beforeAll(async () => {
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + laterMs) // the service uses this clock
  issuer = await startIssuer()
  process.env = { ...outside, TOKEN_ISSUER: issuer.endpoint, TOKEN_AUDIENCE: issuer.audience }
  lines = await startSpoiledLines()
})
afterAll(async () => {
  await lines.close()
  process.env = outside
  await issuer.close()
})

/** Longer than a client may take to connect. */
const firstSeconds = 60

/** A client whose first token is valid for a minute, and each further one for an hour. */
async function joinBriefly(library: Library, board: string) {
  let expiresAtSeconds = 0
  let tokens = 0
  const authToken = () => {
    tokens++
    const exp = Math.ceil(Date.now() / 1_000) + (tokens === 1 ? firstSeconds : 3_600)
    if (tokens === 1) expiresAtSeconds = exp
    return issuer.token({ exp })
  }
  const client = await lines.join(library, { clientId: board, board, authToken })
  return {
    ...client,
    /** Advances the clock, unless it is later already. */
    passToExpiry: (ms: number) => {
      laterMs = Math.max(laterMs, expiresAtSeconds * 1_000 + ms - realNow())
    },
    tokens: () => tokens,
  }
}

// Its subscription was deleted and ended with an error, so it received no later event.
describe.each(libraries)('a client of %s whose token expires', (library) => {
  it('reconnects with a new token and misses no event published around the expiry', async () => {
    const board = `busy ${library}`
    const client = await joinBriefly(library, board)
    const texts = ['before', 'at', 'soon after', 'later']
    for (const [n, text] of texts.entries()) {
      client.passToExpiry([-500, 0, 300, 1_500][n] ?? 0)
      await lines.publish(board, text)
    }
    await client.untilHeard(...texts)
    expect(client.tokens()).toBe(2)
    expect(client.ended).toEqual([])
  })

  it('reconnects with a new token at the first event, long after the expiry', async () => {
    const board = `quiet ${library}`
    const client = await joinBriefly(library, board)
    client.passToExpiry(3_000)
    expect(client.tokens()).toBe(1)
    await lines.publish(board, 'at last')
    await lines.publish(board, 'and on')
    await client.untilHeard('at last', 'and on')
    expect(client.tokens()).toBe(2)
    expect(client.ended).toEqual([])
  })
})
