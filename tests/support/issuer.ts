import { createServer } from 'node:http'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { listen, type StandIn } from '../../local/stand-in'

export interface Issuer extends StandIn {
  readonly audience: string
  /** A token that is good for an hour. Claims that are given win; one that is undefined is left out. */
  readonly token: (claims?: Readonly<Record<string, unknown>>, key?: SigningKey) => Promise<string>
  /** Signs with a new key from now on, and forgets the old one. */
  readonly rotate: () => Promise<void>
  /** Has another key from now on, of another algorithm; the first one stays that of its tokens. */
  readonly addKey: (alg: string) => Promise<SigningKey>
  /** The public key of its tokens, as it stands in a PEM file: known to everybody. */
  readonly publicPem: () => Promise<string>
}

export interface SigningKey {
  readonly key: CryptoKey | Uint8Array
  readonly kid: string
  readonly alg: string
}

/** Starts an OpenID Connect issuer on a free port, as far as it concerns those who check its tokens: discovery and keys. */
export async function startIssuer(): Promise<Issuer> {
  let current = await makeKey('1')
  const others: JWK[] = []
  const standIn: StandIn = await listen(
    createServer((request, response) => {
      response.setHeader('content-type', 'application/json')
      if (request.url === '/.well-known/openid-configuration') {
        response.end(JSON.stringify({ issuer: standIn.endpoint, jwks_uri: `${standIn.endpoint}/keys` }))
      } else {
        response.end(JSON.stringify({ keys: [current.publicKey, ...others] }))
      }
    }),
    0,
  )
  const audience = 'chat'
  return {
    ...standIn,
    audience,
    token: ({ ...claims } = {}, { key, kid, alg } = current.signing) => {
      const nowSeconds = Math.floor(Date.now() / 1000)
      const payload = { iss: standIn.endpoint, aud: audience, sub: 'alice', exp: nowSeconds + 3600, ...claims }
      return new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key)
    },
    rotate: async () => {
      current = await makeKey('2')
    },
    addKey: async (alg) => {
      const { signing, publicKey } = await makeKey(alg, alg)
      others.push(publicKey)
      return signing
    },
    publicPem: async () => exportSPKI(await importPublic(current.publicKey)),
  }
}

async function importPublic(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, jwk.alg, { extractable: true })
  if (key instanceof Uint8Array) throw new Error('A public key is no secret.')
  return key
}

async function makeKey(kid: string, alg = 'ES256'): Promise<{ readonly signing: SigningKey; readonly publicKey: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  return {
    signing: { key: privateKey, kid, alg },
    publicKey: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
  }
}
