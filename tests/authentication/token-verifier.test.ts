import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { generateKeyPair, type JWTPayload, UnsecuredJWT } from 'jose'
import { IssuerError, tokenVerifier, type TokenVerifierOptions } from '../../lib/authentication/token-verifier'
import { type Issuer, startIssuer } from '../support/issuer'

let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

const verifier = (options: Partial<TokenVerifierOptions> = {}) =>
  tokenVerifier({ issuer: issuer.endpoint, audience: issuer.audience, ...options })

describe('a token', () => {
  it('yields its subject, its groups and its expiry', async () => {
    const exp = Math.floor(Date.now() / 1000) + 60
    expect(await verifier()(await issuer.token({ sub: 'bob', groups: ['finance'], exp }))).toEqual({
      kind: 'valid',
      identity: { subject: 'bob', groups: ['finance'], expiresAtSeconds: exp, claims: {} },
    })
  })

  it('of Cognito is checked by its client_id, and its groups are read from cognito:groups', async () => {
    const token = await issuer.token({ aud: undefined, client_id: issuer.audience, 'cognito:groups': ['finance'] })
    expect(await verifier()(token)).toMatchObject({ kind: 'valid', identity: { groups: ['finance'] } })
  })

  // Regression: users whose token has a single group were refused, because many issuers send it as a string.
  it.each([
    [{ groups: 'finance' }, ['finance']],
    [{ 'cognito:groups': 'finance' }, ['finance']],
    [{ groups: [] }, []],
    [{ groups: null, 'cognito:groups': ['finance'] }, ['finance']],
    [{ groups: '' }, []],
    [{ groups: 7 }, []],
    [{ groups: { finance: true } }, []],
    [{ groups: ['finance', { id: 7 }] }, []],
  ])('is valid with groups of any type, but only a string or a list of strings is used: %j', async (claims, groups) => {
    expect(await verifier()(await issuer.token(claims))).toMatchObject({ kind: 'valid', identity: { groups } })
  })

  it('yields the claims that the application keeps', async () => {
    const identity = ({ role, level, admin }: JWTPayload) => ({
      role: String(role),
      level: Number(level),
      admin: admin === true,
    })
    const token = await issuer.token({ role: 'courier', level: 3, admin: true, email: 'ann@example.com' })
    expect(await verifier({ identity })(token)).toMatchObject({
      identity: { claims: { role: 'courier', level: 3, admin: true } },
    })
  })

  it.each([
    ['role', undefined, 'undefined'],
    ['roles', ['courier'], 'a list'],
    ['address', {}, 'an object'],
    ['level', NaN, 'NaN'],
    ['role', null, 'null'],
  ])('causes an error if the application keeps a claim of an unsupported type: %s, %j', async (name, value, shape) => {
    const identity = () => ({ [name]: value as string })
    await expect(verifier({ identity })(await issuer.token())).rejects.toThrow(
      `Expected "identity" to return "${name}" as a string, a finite number or a boolean, got ${shape}.`,
    )
  })

  // Regression: a TypeError counted as a failure to fetch the issuer's keys.
  it('is rejected with the error that the application throws, not with an IssuerError', async () => {
    const error = new TypeError('undefined has no roles')
    const identity = () => {
      throw error
    }
    await expect(verifier({ identity })(await issuer.token())).rejects.toBe(error)
  })

  it.each([
    ['expired 60 s ago', { exp: Math.floor(Date.now() / 1000) - 60 }],
    // Regression: the clock tolerance accepted such a token, but the connection expired at once, so its client
    // reconnected in a loop until the tolerance had passed.
    ['expired 1 s ago', { exp: Math.floor(Date.now() / 1000) - 1 }],
    ['has no expiry', { exp: undefined }],
    ['is not valid yet', { nbf: Math.floor(Date.now() / 1000) + 60 }],
    ['is of another issuer', { iss: 'https://elsewhere.example.com' }],
    ['has another audience', { aud: 'shop' }],
    ['has no subject', { sub: undefined }],
  ])('is refused if it %s', async (_what, claims) => {
    const token = await issuer.token(claims)
    expect(await verifier()(token)).toEqual({ kind: 'invalid', reason: expect.not.stringContaining(token) })
  })

  it('is refused if it is signed with a foreign key under the id of a key of the issuer', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    const token = await issuer.token({}, { key: privateKey, kid: '1', alg: 'ES256' })
    expect(await verifier()(token)).toMatchObject({ kind: 'invalid' })
  })

  it.each([
    [{ aud: 'shop' }, 'The claim "aud" of the token is wrong: this stage accepts tokens for '],
    // The message shows both values, so a superfluous slash is easy to see.
    [
      { iss: 'https://elsewhere.example.com/' },
      'The claim "iss" of the token is wrong: this stage accepts tokens of http',
    ],
  ])('is refused with the name of the wrong claim and the expected value: %j', async (claims, reason) => {
    expect(await verifier()(await issuer.token(claims))).toEqual({
      kind: 'invalid',
      reason: expect.stringContaining(reason),
    })
  })

  // Regression: such a token was refused, because jose leaves the choice between several keys to its caller.
  it('is checked with each key of the issuer if it has no key id', async () => {
    const second = { ...(await issuer.addKey('ES256')), kid: undefined }
    const { privateKey } = await generateKeyPair('ES256')
    expect(await verifier()(await issuer.token({}, second))).toMatchObject({ kind: 'valid' })
    expect(await verifier()(await issuer.token({}, { key: privateKey, alg: 'ES256' }))).toEqual({
      kind: 'invalid',
      reason: 'The token is not a valid token of this issuer.',
    })
    const expired = await issuer.token({ exp: Math.floor(Date.now() / 1000) - 60 }, second)
    expect(await verifier()(expired)).toEqual({ kind: 'invalid', reason: 'The token has expired.' })
  })

  it('is refused if it is signed with a shared secret (HS256)', async () => {
    const token = await issuer.token({}, { key: new TextEncoder().encode('secret'.repeat(8)), kid: '1', alg: 'HS256' })
    expect(await verifier()(token)).toMatchObject({ kind: 'invalid' })
  })

  it('is refused if it is unsigned (alg "none"), even with valid claims', async () => {
    const token = new UnsecuredJWT({ sub: 'alice' })
      .setIssuer(issuer.endpoint)
      .setAudience(issuer.audience)
      .setExpirationTime('1h')
      .encode()
    expect(await verifier()(token)).toEqual({
      kind: 'invalid',
      reason: 'The token is not a valid token of this issuer.',
    })
  })

  it.each(['HS256', 'HS384', 'HS512'])(
    'is refused if it is signed with the public key as an HMAC secret: %s',
    async (alg) => {
      const key = new TextEncoder().encode(await issuer.publicPem())
      for (const kid of ['1', alg]) {
        const token = await issuer.token({}, { key, kid, alg })
        expect(await verifier()(token)).toEqual({
          kind: 'invalid',
          reason: 'The token is not a valid token of this issuer.',
        })
      }
    },
  )

  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'is accepted if it is signed with a key of the issuer by %s',
    async (alg) => {
      const key = await issuer.addKey(alg)
      expect(await verifier()(await issuer.token({}, key))).toMatchObject({ kind: 'valid' })
    },
  )

  it.each(['', 'a', 'a.b.c', '{}'])('is refused if it is not a JWT: %j', async (token) => {
    expect(await verifier()(token)).toMatchObject({ kind: 'invalid' })
  })
})

it('fetches the keys again after a rotation: accepts the new key and refuses the old one', async () => {
  const verify = verifier({ refetchKeysAfterMs: 0 })
  const old = await issuer.token()
  expect(await verify(old)).toMatchObject({ kind: 'valid' })
  await issuer.rotate()
  expect(await verify(await issuer.token())).toMatchObject({ kind: 'valid' })
  expect(await verify(old)).toMatchObject({ kind: 'invalid' })
})

it('throws an IssuerError for each token if the keys cannot be fetched', async () => {
  const endpoint = issuer.endpoint
  const verify = tokenVerifier({ issuer: `${endpoint}/nowhere`, audience: issuer.audience })
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(verify(await issuer.token())).rejects.toThrow(IssuerError)
  }
})
