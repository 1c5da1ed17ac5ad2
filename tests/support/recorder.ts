import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as v from 'valibot'
import { listen, readBody, type StandIn } from '../../lib/local/stand-in'

/** An AWS call in the terms of IAM, such as `dynamodb:Query on ClientsTable/index/topic`. */
export type Call = string

export interface Recorder extends StandIn {
  /** The calls so far, by the access key that signed them. */
  readonly calls: ReadonlyMap<string, ReadonlySet<Call>>
  /** All calls of all callers, in order, those of SQS with the delay of their message. A test may empty it. */
  readonly every: string[]
}

interface RecorderOptions {
  /**
   * The endpoint to which each service's requests are forwarded, by the service's name in the signature. The recorder
   * itself answers @connections.
   */
  readonly behind: Readonly<Record<string, string>>
  /** How calls name a table, by its name in DynamoDB. Default: that name. */
  readonly tables?: Readonly<Record<string, string>>
  /** The status that answers a request to @connections. */
  readonly connectionStatus: (connectionId: string) => Promise<number>
}

const TableInput = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    TableName: v.optional(v.string()),
    IndexName: v.optional(v.string()),
    RequestItems: v.optional(v.record(v.string(), v.unknown())),
  }),
)

const QueueInput = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ QueueUrl: v.string(), DelaySeconds: v.optional(v.number()) }),
)

/**
 * Starts a proxy between functions and AWS, which records who calls what. Each caller signs with an access key of its
 * own. The signature contains the key and the service (Signature Version 4, "Credential"), the request contains the
 * action and the resource.
 */
export async function startRecorder({ behind, tables = {}, connectionStatus }: RecorderOptions): Promise<Recorder> {
  const calls = new Map<string, Set<Call>>()
  const every: Call[] = []
  const answerTo = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request)
    const [, accessKey = '', service = ''] =
      /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? []
    const target = request.headers['x-amz-target']
    const path = request.url ?? '/'
    const call = describe({ service, method: request.method ?? '', path, target: String(target), body }, tables)
    calls.set(accessKey, (calls.get(accessKey) ?? new Set()).add(call))
    every.push(`${call}${service === 'sqs' ? delayOf(body) : ''}`)
    if (service === 'execute-api') {
      response.writeHead(await connectionStatus(decodeURIComponent(path.split('/').at(-1) ?? ''))).end()
      return
    }
    const headers = Object.entries(request.headers).filter(([name]) => name !== 'host')
    const answer = await fetch(`${behind[service] ?? ''}${path}`, {
      method: request.method ?? 'POST',
      headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
      body,
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(await answer.text())
  }
  const server = createServer((request, response) => {
    answerTo(request, response).catch(() => response.destroy()) // the service behind is closed already
  })
  return { ...(await listen(server, 0)), calls, every }
}

interface Request {
  readonly service: string
  readonly method: string
  readonly path: string
  readonly target: string
  readonly body: string
}

function describe({ service, method, path, target, body }: Request, tables: Readonly<Record<string, string>>): Call {
  const operation = target.split('.').at(-1) ?? ''
  switch (service) {
    case 'dynamodb':
      return `dynamodb:${operation} on ${tableOf(body, tables)}`
    case 'sns': {
      const form = new URLSearchParams(body)
      return `sns:${form.get('Action') ?? ''} on ${form.get('TopicArn')?.split(':').at(-1) ?? ''}`
    }
    case 'sqs':
      return `sqs:${operation} on ${v.parse(QueueInput, body).QueueUrl.split('/').at(-1) ?? ''}`
    case 'execute-api':
      return `execute-api:ManageConnections on ${method} ${path.slice(0, path.lastIndexOf('/'))}`
    default:
      return `${service}:${operation} on *`
  }
}

function delayOf(body: string): string {
  const { DelaySeconds } = v.parse(QueueInput, body)
  return DelaySeconds === undefined ? '' : ` after ${DelaySeconds} s`
}

function tableOf(body: string, tables: Readonly<Record<string, string>>): string {
  const { TableName, IndexName, RequestItems = {} } = v.parse(TableInput, body)
  const name = TableName ?? Object.keys(RequestItems).join()
  const table = tables[name] ?? name
  return IndexName === undefined ? table : `${table}/index/${IndexName}`
}
