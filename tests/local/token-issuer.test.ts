import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { decodeJwt, type JWTPayload } from 'jose'
import { tokenVerifier } from '../../lib/authentication/token-verifier'
import { startTokenIssuer, type TokenIssuer } from '../../lib/local/token-issuer'

let issuer: TokenIssuer

beforeAll(async () => {
  issuer = await startTokenIssuer({ port: 0 })
})

afterAll(() => issuer.close())

test('a token verifies with the requested user and groups', async () => {
  const { status, body } = await get('/token?sub=ann&groups=staff,%20finance')
  const verify = tokenVerifier({ issuer: issuer.endpoint, audience: issuer.audience })
  expect(status).toBe(200)
  expect(await verify(body)).toMatchObject({
    kind: 'valid',
    identity: { subject: 'ann', groups: ['staff', 'finance'] },
  })
})

test('a token is valid for one hour, or for the requested number of seconds', async () => {
  expect(secondsOf(decodeJwt((await get('/token?sub=ann')).body))).toBe(3_600)
  expect(secondsOf(decodeJwt((await get('/token?sub=ann&expires=90')).body))).toBe(90)
})

test('other query parameters become claims', async () => {
  const { body } = await get('/token?sub=ann&role=admin&level=3')
  expect(decodeJwt(body)).toMatchObject({ role: 'admin', level: '3' })
})

test.each([
  ['', 'Expected "sub", the user, to have 1 to 255 characters: /token?sub=ann&groups=staff'],
  ['sub=', 'Expected "sub", the user, to have 1 to 255 characters: /token?sub=ann&groups=staff'],
  [`sub=${'x'.repeat(256)}`, 'Expected "sub", the user, to have 1 to 255 characters: /token?sub=ann&groups=staff'],
  ['sub=ann&groups=a&groups=b', 'Expected "groups" only once. Separate several groups by commas.'],
  ['sub=ann&expires=soon', 'Expected "expires" to be whole seconds from 1 to 31536000, got "soon".'],
  ['sub=ann&expires=0', 'Expected "expires" to be whole seconds from 1 to 31536000, got "0".'],
  ['sub=ann&expires=-1', 'Expected "expires" to be whole seconds from 1 to 31536000, got "-1".'],
  ['sub=ann&expires=31536001', 'Expected "expires" to be whole seconds from 1 to 31536000, got "31536001".'],
  ['sub=ann&exp=1', 'Expected no "exp", which the issuer sets. Use "expires" for the lifetime in seconds.'],
])('an invalid request gets 400 and the expected value: %s', async (query, sentence) => {
  expect(await get(`/token?${query}`)).toMatchObject({ status: 400, body: sentence })
})

test('an unknown path gets 404 and the usage', async () => {
  const { status, body } = await get('/tokens')
  expect([status, body]).toEqual([404, `Not found: /tokens. Usage: ${issuer.endpoint}/token?sub=ann&groups=staff`])
})

test('a page of another origin may read tokens', async () => {
  expect((await get('/token?sub=ann')).headers.get('access-control-allow-origin')).toBe('*')
})

async function get(path: string) {
  const response = await fetch(`${issuer.endpoint}${path}`)
  return { status: response.status, headers: response.headers, body: await response.text() }
}

function secondsOf({ exp = 0, iat = 0 }: JWTPayload): number {
  return exp - iat
}
