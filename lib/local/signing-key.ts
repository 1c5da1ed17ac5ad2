import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose'

/** A key that signs tokens. */
export interface SigningKey {
  readonly key: CryptoKey | Uint8Array
  /** Without it, a token does not name its key, and is tried against each key. */
  readonly kid?: string | undefined
  readonly alg: string
}

export interface KeyPair {
  readonly signing: SigningKey
  /** As the issuer publishes it: RFC 7517. */
  readonly publicKey: JWK
}

/** Creates a key pair for an algorithm of RFC 7518, such as `ES256` or `RS256`. */
export async function makeKeyPair(kid: string, alg = 'ES256'): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  return {
    signing: { key: privateKey, kid, alg },
    publicKey: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
  }
}
