import { type CryptoKey, exportSPKI, importJWK, type JWK } from 'jose'
import { type KeyPair, makeKeyPair, type SigningKey } from '../../lib/local/signing-key'
import { startTokenIssuer, type TokenIssuer } from '../../lib/local/token-issuer'

/** The token issuer of the local service, whose keys a test can rotate and add to. */
export interface Issuer extends Omit<TokenIssuer, 'token'> {
  /** Issues a token with these claims, by default for `alice`, signed with `key` or else with the current key. */
  readonly token: (claims?: Readonly<Record<string, unknown>>, key?: SigningKey) => Promise<string>
  /** Replaces the current key. The old one is no longer published. */
  readonly rotate: () => Promise<void>
  /** Publishes a further key, for this algorithm. The current key stays the default of `token`. @returns the new key */
  readonly addKey: (alg: string) => Promise<SigningKey>
  /** The current public key in PEM, which attackers know too. */
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
