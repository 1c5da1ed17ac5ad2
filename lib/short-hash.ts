import { createHash } from 'node:crypto'

/**
 * Hashes content that JSON can represent: the first bytes of its SHA-256, in base64url. The tables hold such hashes, so
 * the same content must have the same hash in every version.
 *
 * @param bytes the length of the hash before it is encoded: 16 bytes are 22 characters
 */
export function shortHash(content: unknown, bytes = 16): string {
  return createHash('sha256').update(JSON.stringify(content)).digest().subarray(0, bytes).toString('base64url')
}
