import { createServer, type ServerResponse } from 'node:http'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import JSZip from 'jszip'
import * as v from 'valibot'
import { serviceDir } from '../../local/offline-command'
import { listen, readBody, type StandIn } from '../../lib/local/stand-in'
import { printedByRefusal, runServerless } from '../support/packaged'
import { stageName } from '../support/stage-name'

interface Call {
  readonly what: string
  readonly body: string
}

const calls: Call[] = []
let aws: StandIn

/** Answers the requests of Serverless to Lambda and API Gateway like AWS, and any other request with 404. */
function answer({ what }: Call, response: ServerResponse): void {
  const known = Object.entries(answers).find(([path]) => RegExp(`^${path}$`).test(what))
  response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify(known ? known[1] : { message: 'Not here' }))
}

const Configuration = {
  Role: 'arn:aws:iam::000000000000:role/a-name-that-cloudformation-chose',
  PackageType: 'Zip',
  State: 'Active',
  LastUpdateStatus: 'Successful',
}
const answers = {
  'GET /account': { throttleSettings: {} }, // without a cloudwatchRoleArn
  'GET /2015-03-31/functions/[^/]+': { Configuration },
  'PUT /2015-03-31/functions/[^/]+/(code|configuration)': {},
}

beforeAll(async () => {
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const call = { what: `${request.method ?? ''} ${request.url ?? ''}`, body }
      calls.push(call)
      answer(call, response)
    })
  })
  aws = await listen(server, 0)
})
afterEach(() => {
  calls.length = 0
})
afterAll(() => aws.close())

const sls = (command: readonly string[], params: Readonly<Record<string, string>> = {}) =>
  runServerless([...command, '--region', 'us-east-1'], {
    params,
    environment: { AWS_ENDPOINT_URL: aws.endpoint, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' },
  })

describe('sls deploy function', () => {
  // Regression: it looked for a role named like its logical id, and failed after the code was in place.
  it('updates the code of a function and leaves its role unchanged', async () => {
    await sls(['deploy', 'function', '--function', 'translateFr', '--stage', 'dev'])
    const path = `/2015-03-31/functions/${stageName('dev')}-translate-fr`
    const [looked, code, ...others] = calls
    expect([looked?.what, code?.what]).toEqual([`GET ${path}`, `PUT ${path}/code`])
    const { ZipFile } = v.parse(v.pipe(v.string(), v.parseJson(), v.object({ ZipFile: v.string() })), code?.body)
    const { files } = await JSZip.loadAsync(ZipFile, { base64: true })
    expect(Object.keys(files)).toContain('handlers/translate.js')
    for (const { what, body } of others) {
      expect(what).toMatch(/\/functions\//)
      expect(body).not.toContain('"Role"')
    }
  })
})

describe('sls deploy', () => {
  // Regression: CloudFormation reported this after it had created everything else, which it then deleted again.
  it('is refused if API Gateway has no role for access logs, with a template that creates it', async () => {
    const params = { tokenIssuer: 'https://issuer.example.com', tokenAudience: 'chat' }
    const printed = await printedByRefusal(sls(['deploy', '--stage', 'prod'], params))
    expect(printed).toMatch(
      /API Gateway has no role for writing access logs in us-east-1.*Or set the param "webSocketAccessLogs" to false\./s,
    )
    const [, template = ''] = /--template-file (\S+)/.exec(printed) ?? []
    expect(existsSync(join(serviceDir, template))).toBe(true)
    expect(calls.map(({ what }) => what)).toContain('GET /account')
  })
})
