import { type CryptoKey, exportSPKI, importJWK, type JWK } from 'jose'
import { type KeyPair, makeKeyPair, type SigningKey } from '../../lib/local/signing-key'
import { startTokenIssuer, type TokenIssuer } from '../../lib/local/token-issuer'

/** The issuer of the local service, with keys that a test changes. */
export interface Issuer extends Omit<TokenIssuer, 'token'> {
  /** As the issuer's own; for alice, unless `sub` says otherwise. */
  readonly token: (claims?: Readonly<Record<string, unknown>>, key?: SigningKey) => Promise<string>
  /** Signs with a new key from now on, and forgets the old one. */
  readonly rotate: () => Promise<void>
  /** Has another key from now on, of another algorithm; the first one stays that of its tokens. */
  readonly addKey: (alg: string) => Promise<SigningKey>
  /** The public key of its tokens, as it stands in a PEM file: known to everybody. */
  readonly publicPem: () => Promise<string>
}

/** Starts an issuer on a free port. The caller closes it. */
export async function startIssuer(): Promise<Issuer> {
  let current = await makeKeyPair('1')
  const others: KeyPair[] = []
  const issuer = await startTokenIssuer({ port: 0, keys: () => [current, ...others] })
  return {
    ...issuer,
    token: (claims, key) => issuer.token({ sub: 'alice', ...claims }, key),
    rotate: async () => {
      current = await makeKeyPair('2')
    },
    addKey: async (alg) => {
      const pair = await makeKeyPair(alg, alg)
      others.push(pair)
      return pair.signing
    },
    publicPem: async () => exportSPKI(await importPublic(current.publicKey)),
  }
}

async function importPublic(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, jwk.alg, { extractable: true })
  if (key instanceof Uint8Array) throw new Error('A public key is no secret.')
  return key
}
