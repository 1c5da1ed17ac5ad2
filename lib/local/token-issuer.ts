import { createServer } from 'node:http'
import { SignJWT } from 'jose'
import { type KeyPair, makeKeyPair, type SigningKey } from './signing-key'
import { listen, type StandIn } from './stand-in'
import { readTokenRequest } from './token-request'

export interface TokenIssuer extends StandIn {
  /** The `aud` of its tokens. */
  readonly audience: string
  /** Issues a token that is valid for an hour. The given claims take precedence; an undefined one is omitted. */
  readonly token: (claims: Readonly<Record<string, unknown>>, key?: SigningKey) => Promise<string>
}

export interface TokenIssuerOptions {
  /** 0 means any free port. */
  readonly port: number
  /** Its current keys, of which the first one signs. Default: a key created at the start. */
  readonly keys?: Keys
}

type Keys = () => readonly [KeyPair, ...KeyPair[]]

/**
 * Starts an OpenID Connect issuer for development: anyone may get a token for any user, from
 * `/token?sub=ann&groups=staff`. Functions verify the token as on AWS, with the keys that the discovery document names
 * (OpenID Connect Discovery 1.0). Closing it discards the key that it created.
 */
export async function startTokenIssuer({ port, keys }: TokenIssuerOptions): Promise<TokenIssuer> {
  const currentKeys = keys ?? (await oneKey())
  const server = createServer((request, response) => {
    answer(request.url ?? '/', issuer, currentKeys).then(
      ({ status, type, body }) => {
        response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, ...forAnyPage })
        response.end(body)
      },
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    )
  })
  const standIn = await listen(server, port)
  const audience = 'local'
  const issuer: TokenIssuer = {
    ...standIn,
    audience,
    token(claims, { key, kid, alg } = currentKeys()[0].signing) {
      const iat = Math.floor(Date.now() / 1_000)
      const payload = { iss: standIn.endpoint, aud: audience, iat, exp: iat + 3_600, ...claims }
      return new SignJWT(payload).setProtectedHeader({ alg, ...(kid !== undefined && { kid }) }).sign(key)
    },
  }
  return issuer
}

/** The chat page is served from another port, which browsers treat as another origin. */
const forAnyPage = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' }

async function oneKey(): Promise<Keys> {
  const pair = await makeKeyPair('local')
  return () => [pair]
}

interface Answer {
  readonly status: 200 | 400 | 404
  readonly type: 'application/json' | 'text/plain'
  readonly body: string
}

async function answer(target: string, { endpoint, token }: TokenIssuer, keys: Keys): Promise<Answer> {
  const { pathname, searchParams } = new URL(target, endpoint)
  switch (pathname) {
    case '/.well-known/openid-configuration':
      return json({ issuer: endpoint, jwks_uri: `${endpoint}/keys` })
    case '/keys':
      return json({ keys: keys().map(({ publicKey }) => publicKey) })
    case '/token': {
      const wanted = readTokenRequest(searchParams, Date.now())
      return wanted.kind === 'invalid' ? text(400, wanted.reason) : text(200, await token(wanted.claims))
    }
    default:
      return text(404, `Not found: ${pathname}. Usage: ${endpoint}/token?sub=ann&groups=staff`)
  }
}

function json(content: object): Answer {
  return { status: 200, type: 'application/json', body: JSON.stringify(content) }
}

function text(status: Answer['status'], body: string): Answer {
  return { status, type: 'text/plain', body }
}
