import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { createSigner, sha256, type SignedHeaders, signingKey, uriEncode } from '../../lib/aws/signature'
import { anyText } from '../support/any-text'

const example = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

describe("AWS's published examples", () => {
  // "AWS Signature Version 4 test suite": all its cases have the same host, region, service, keys and time.
  const suite = { service: 'service', region: 'us-east-1', host: 'example.amazonaws.com' }
  const atMs = Date.UTC(2015, 7, 30, 12, 36, 0)
  const cases: [
    name: string,
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string,
    signature: string,
  ][] = [
    ['get-vanilla', 'GET', '/', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['get-utf8', 'GET', '/ሴ', {}, '', '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
    [
      'get-unreserved',
      'GET',
      '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
      {},
      '',
      '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
    ],
    ['post-vanilla', 'POST', '/', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-x-www-form-urlencoded',
      'POST',
      '/',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'Param1=value1',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ]

  test.each(cases)('%s has the published signature', (_name, method, path, headers, body, signature) => {
    const sign = createSigner({ ...suite, headers })
    const { authorization } = sign({ method, path, payloadHash: sha256(body), credentials: example, atMs })
    expect(authorization).toMatch(new RegExp(`, Signature=${signature}$`))
  })

  test('the signing key of a day, region and service is that of the AWS guide', () => {
    const key = signingKey({
      secretAccessKey: example.secretAccessKey,
      day: '20120215',
      region: 'us-east-1',
      service: 'iam',
    })
    expect(key.toString('hex')).toBe('f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d')
  })
})

describe('compared with @smithy/signature-v4', () => {
  class Sha256 {
    readonly #hash
    constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
      this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret))
    }
    update(data: string | ArrayBuffer | ArrayBufferView) {
      this.#hash.update(toBytes(data))
    }
    digest() {
      return Promise.resolve(new Uint8Array(this.#hash.digest()))
    }
    reset() {
      throw new Error('The reference does not reset a hash.')
    }
  }

  const token = fc.stringMatching(/^[A-Za-z0-9+/=]{1,60}$/)
  const request = fc.record({
    service: fc.constantFrom('execute-api', 'dynamodb', 'sns'),
    region: fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1'),
    host: fc.constantFrom('abc123.execute-api.us-east-1.amazonaws.com', 'localhost:3001'),
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
    secretAccessKey: fc.string({ minLength: 1, unit: 'grapheme' }),
    sessionToken: fc.option(token, { nil: undefined }),
    stage: fc.constantFrom('', '/dev', '/$default'),
    // Not `.` or `..`: the reference removes such path segments, createSigner does not support them, and no connection
    // has such an id.
    connectionId: fc.oneof(token, fc.string({ minLength: 1, unit: 'grapheme' })).filter((id) => !/^\.\.?$/.test(id)),
    contentType: fc.option(fc.constantFrom('application/octet-stream', 'application/x-amz-json-1.0'), {
      nil: undefined,
    }),
    target: fc.option(fc.constant('DynamoDB_20120810.Query'), { nil: undefined }),
    body: fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme' }), anyText()),
    atMs: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }),
    method: fc.constantFrom('POST', 'DELETE'),
  })

  test('any request has the same signed headers', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (input) => {
        const { service, region, host, accessKeyId, secretAccessKey, sessionToken, method, atMs, body } = input
        const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
        const path = `${input.stage}/@connections/${uriEncode(input.connectionId)}`
        const headers = {
          ...(input.contentType !== undefined && { 'content-type': input.contentType }),
          ...(input.target !== undefined && { 'x-amz-target': input.target }),
        }
        const reference = new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: false })
        const expected = await reference.sign(
          { method, protocol: 'https:', hostname: host, path, query: {}, headers: { ...headers, host }, body },
          { signingDate: new Date(atMs) },
        )

        const signed = createSigner({ service, region, host, headers })({
          method,
          path,
          payloadHash: sha256(body),
          credentials,
          atMs,
        })

        expect(headersOf(signed)).toEqual(expected.headers)
      }),
      { numRuns: 1_000 },
    )
  })

  test('one signer signs correctly across seconds, midnight and renewed credentials', async () => {
    const scope = { service: 'execute-api', region: 'us-east-1', host: 'abc.example.com' }
    const sign = createSigner({ ...scope, headers: {} })
    const renewed = { ...example, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'token' }
    const midnight = Date.UTC(2026, 0, 1)
    const moments = [
      { atMs: midnight - 1_500, credentials: example },
      { atMs: midnight - 1, credentials: example },
      { atMs: midnight, credentials: example },
      { atMs: midnight, credentials: renewed },
      { atMs: midnight + 999, credentials: renewed },
    ]
    for (const { atMs, credentials } of moments) {
      const reference = new SignatureV4({ ...scope, credentials, sha256: Sha256, applyChecksum: false })
      const expected = await reference.sign(
        {
          method: 'POST',
          protocol: 'https:',
          hostname: scope.host,
          path: '/',
          headers: { host: scope.host },
          body: 'x',
        },
        { signingDate: new Date(atMs) },
      )
      const signed = sign({ method: 'POST', path: '/', payloadHash: sha256('x'), credentials, atMs })
      expect(headersOf(signed)).toEqual(expected.headers)
    }
  })
})

function headersOf({ shared, authorization }: SignedHeaders): Record<string, string> {
  return { ...Object.fromEntries(shared), authorization }
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return new Uint8Array(data)
}
