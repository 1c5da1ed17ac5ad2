import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { bundlesOf } from '../support/packaged'

/** The packaged bundles, run by Node without any tool, as in Lambda. */
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundles-'))
  const bundles = await bundlesOf('dev')
  for (const name of ['connect', 'graphql']) {
    for (const [path, text] of bundles.get(name) ?? []) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
  }
})

afterAll(() => rm(folder, { recursive: true }))

const environment = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1', // nothing listens there
  MESSAGES_TABLE: 'messages',
  EVENTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:messages',
  REQUESTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:requests',
  ACCESS: 'open',
}

async function run(code: string): Promise<string> {
  const options = { cwd: folder, env: { ...environment, PATH: process.env['PATH'] } }
  const outcome: unknown = await promisify(execFile)(process.execPath, ['-e', code], options).catch(
    (error: unknown) => error,
  )
  const { stdout, stderr } = v.parse(v.object({ stdout: v.string(), stderr: v.string() }), outcome)
  return stdout + stderr
}

/** The stack frames of our own code, each with the source line that it points to. */
async function framesOf(stack: string): Promise<(readonly [name: string, file: string, line: string])[]> {
  const frames = [...stack.matchAll(/at (?:async )?(\S+) \(((?:lib|schema|handlers)\/\S+?\.ts):(\d+):\d+\)/g)]
  return Promise.all(
    frames.map(async ([, name = '', file = '', line = '']) => {
      const text = await readFile(file, 'utf8')
      return [name, file, text.split('\n')[Number(line) - 1]?.trim() ?? ''] as const
    }),
  )
}

const Line = v.pipe(v.string(), v.parseJson(), v.object({ error: v.object({ stack: v.string() }) }))

describe('a stack trace of a packaged function', () => {
  it('has the names and lines of the sources in the log', async () => {
    const query = 'mutation { sendMessage(chatId: "a", text: "Hello") { id } }'
    const event = {
      ...{ rawPath: '/graphql', rawQueryString: '', requestContext: { requestId: 'query', http: { method: 'POST' } } },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    }
    const output = await run(`require('./handlers/graphql.js').handler(${JSON.stringify(event)})`)
    const { error } = v.parse(Line, output)
    expect(error.stack).toMatch(/^AwsCallError: SNS Publish failed: .*ECONNREFUSED/)
    const [first, ...callers] = await framesOf(error.stack)
    expect(first).toEqual(['callAws', 'lib/aws/call.ts', expect.stringContaining('new AwsCallError(')])
    expect(callers).toContainEqual(['requestTranslations', 'schema/api.ts', expect.stringContaining('await send')])
  })

  it('has the names and lines of the sources if the function fails to start', async () => {
    const output = await run(`require('./handlers/connect.js')`)
    expect(output).toContain('ConfigurationError: ')
    const [first] = await framesOf(output)
    expect(first).toEqual(['required', 'lib/environment.ts', expect.stringContaining('throw new ConfigurationError(')])
  })

  it('refers to the bundle if the source map is missing', async () => {
    await rm(join(folder, 'handlers/connect.js.map'))
    expect(await run(`require('./handlers/connect.js')`)).toMatch(/at \S+ \(\S+\/handlers\/connect\.js:\d+:\d+\)/)
  })
})
