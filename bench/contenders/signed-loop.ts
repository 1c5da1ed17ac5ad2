import { Pool } from 'undici'
import { createSigner, sha256, uriEncode } from '../../lib/aws/signature'
import { connectionIdOf, frameFor } from '../model'
import { concurrency, environmentOf } from './environment'
import { inParallel } from './in-parallel'
import { measure } from './measure'

/** The baseline: only signed posts of the same frames, with the fastest client for Node. */
measure(() => {
  const { callbackUrl, credentials } = environmentOf(process.env)
  const { host, origin, pathname } = new URL(callbackUrl)
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 })
  const sign = createSigner({
    service: 'execute-api',
    region: 'us-east-1',
    host,
    headers: { 'content-type': 'application/octet-stream' },
  })
  const post = (n: number) => {
    const body = frameFor(n)
    const path = `${pathname}/@connections/${uriEncode(connectionIdOf(n))}`
    const { shared, authorization } = sign({
      method: 'POST',
      path,
      payloadHash: sha256(body),
      credentials,
      atMs: Date.now(),
    })
    const headers = [...shared.flat(), 'authorization', authorization]
    return new Promise<void>((resolve, reject) => {
      let status = 0
      pool.dispatch(
        { path, method: 'POST', headers, body },
        /* oxlint-disable typescript/no-deprecated --
           undici parses the headers for the callbacks that replace these, and the yardstick must not pay for that. */
        {
          onConnect: () => undefined,
          onHeaders: (code) => {
            status = code
            return true
          },
          onData: () => true,
          onComplete: () => {
            if (status === 200) resolve()
            else reject(new Error(`API Gateway responded with ${status}.`))
          },
          onError: reject,
        },
        /* oxlint-enable typescript/no-deprecated */
      )
    })
  }
  return ({ listeners }) => inParallel(listeners, post)
})
