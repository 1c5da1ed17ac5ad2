import { createHmac, hash } from 'node:crypto'
import type { Header } from '../http/http-message'

/** Credentials of an AWS principal. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** Absent if they do not expire. */
  readonly expiration?: Date
}

/** What all requests of a signer have in common. */
export interface SigningScope {
  /** The service's name in signatures, which may differ from the one in its host: `execute-api`, `dynamodb`, `sns`. */
  readonly service: string
  readonly region: string
  readonly host: string
  /** Headers to sign besides `host` and those of the signature. Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

interface Signable {
  readonly method: string
  /** As it is sent. It has no empty or dot segments and no query. */
  readonly path: string
  /** SHA-256 of the body, in hex. */
  readonly payloadHash: string
  readonly credentials: AwsCredentials
  readonly atMs: number
}

/** Headers of a signed request. */
export interface SignedHeaders {
  /** All but `authorization`, `host` among them: the same list for all requests of one second. */
  readonly shared: readonly Header[]
  readonly authorization: string
}

export type Sign = (request: Signable) => SignedHeaders

const algorithm = 'AWS4-HMAC-SHA256'

/**
 * Signs requests with Signature Version 4 ("Create a signed AWS API request", IAM user guide) for all services but S3,
 * which does not encode paths twice.
 *
 * The signing key is derived once a day, and what depends on the second once a second, in which a fan-out signs
 * thousands of requests.
 */
export function createSigner(scope: SigningScope): Sign {
  const canonicalPath = canonicalPaths()
  let current: Moment | undefined
  return ({ method, path, payloadHash, credentials, atMs }) => {
    const second = Math.floor(atMs / 1000)
    if (current?.second !== second || current.credentials !== credentials) {
      current = momentOf({ scope, second, credentials, previous: current })
    }
    const { canonicalHeaders, signatureOf, shared, authorization } = current
    const canonicalRequest = `${method}\n${canonicalPath(path)}\n\n${canonicalHeaders}\n${payloadHash}`
    return { shared, authorization: authorization + signatureOf(sha256(canonicalRequest)) }
  }
}

/** Derives the signing key of one day, region and service. */
export function signingKey({
  secretAccessKey,
  day,
  region,
  service,
}: {
  secretAccessKey: string
  /** `YYYYMMDD`, in UTC. */
  day: string
  region: string
  service: string
}): Buffer {
  return [day, region, service, 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secretAccessKey}`),
  )
}

/** SHA-256 of a text in UTF-8, in hex. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

/** Percent-encodes all but RFC 3986's unreserved characters: `encodeURIComponent` keeps five others. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** What the requests of one second have in common. */
interface Moment {
  readonly second: number
  readonly day: string
  readonly credentials: AwsCredentials
  readonly key: Buffer
  /** Headers of the canonical request, and the list of their names. */
  readonly canonicalHeaders: string
  /** Signs the string to sign, which ends with the hash of the canonical request. */
  readonly signatureOf: (hash: string) => string
  readonly shared: readonly Header[]
  /** The header's value up to the signature, which ends it. */
  readonly authorization: string
}

function momentOf({
  scope,
  second,
  credentials,
  previous,
}: {
  scope: SigningScope
  second: number
  credentials: AwsCredentials
  previous: Moment | undefined
}): Moment {
  const { service, region, host, headers } = scope
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const timestamp = new Date(second * 1000).toISOString().replace(/[-:]|\.\d+/g, '')
  const day = timestamp.slice(0, 8)
  const signed = Object.entries({
    ...headers,
    host,
    'x-amz-date': timestamp,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  }).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const credentialScope = `${day}/${region}/${service}/aws4_request`
  const sameKey = previous?.day === day && previous.credentials === credentials
  const key = sameKey ? previous.key : signingKey({ secretAccessKey, day, region, service })
  return {
    second,
    day,
    credentials,
    key,
    canonicalHeaders: `${signed.map(([name, value]) => `${name}:${value}\n`).join('')}\n${names}`,
    signatureOf: hmacOfEndings(key, `${algorithm}\n${timestamp}\n${credentialScope}\n`),
    shared: signed,
    authorization: `${algorithm} Credential=${accessKeyId}/${credentialScope}, SignedHeaders=${names}, Signature=`,
  }
}

const blockBytes = 64
const hexBytes = 64

/**
 * HMAC-SHA-256 (RFC 2104) of texts that differ only in the hex hash at their end. Two one-shot hashes take half of the
 * time of `createHmac`, and a twentieth on Node 24, since no object is made that must be freed.
 *
 * @param key - at most 64 bytes
 */
function hmacOfEndings(key: Buffer, beginning: string): (ending: string) => string {
  const inner = Buffer.concat([padded(key, 0x36), Buffer.from(beginning), Buffer.alloc(hexBytes)])
  const outer = Buffer.concat([padded(key, 0x5c), Buffer.alloc(hexBytes / 2)])
  return (ending) => {
    inner.write(ending, inner.length - hexBytes, 'latin1')
    outer.write(hash('sha256', inner, 'binary'), blockBytes, 'latin1')
    return hash('sha256', outer, 'hex')
  }
}

function padded(key: Buffer, pad: number): Buffer {
  const block = Buffer.alloc(blockBytes, pad)
  for (const [at, byte] of key.entries()) block[at] = byte ^ pad
  return block
}

/** Encodes paths a second time. The part before the last segment is cached: thousands of requests have the same. */
function canonicalPaths(): (path: string) => string {
  let [folder, canonicalFolder] = ['/', '/']
  return (path) => {
    const start = path.lastIndexOf('/') + 1
    if (path.slice(0, start) !== folder) {
      folder = path.slice(0, start)
      canonicalFolder = uriEncode(folder).replaceAll('%2F', '/')
    }
    return canonicalFolder + uriEncode(path.slice(start))
  }
}
