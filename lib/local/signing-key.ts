import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose'

/** What a token is signed with. */
export interface SigningKey {
  readonly key: CryptoKey | Uint8Array
  /** A token that names no key is tried against each. */
  readonly kid?: string | undefined
  readonly alg: string
}

export interface KeyPair {
  readonly signing: SigningKey
  /** As the issuer publishes it: RFC 7517. */
  readonly publicKey: JWK
}

/** Makes a new pair for an algorithm of RFC 7518, such as `ES256` or `RS256`. */
export async function makeKeyPair(kid: string, alg = 'ES256'): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  return {
    signing: { key: privateKey, kid, alg },
    publicKey: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
  }
}
