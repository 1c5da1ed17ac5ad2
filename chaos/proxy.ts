import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http'
import { listen, readBody, type StandIn } from '../lib/local/stand-in'
import type { AwsCall, Fault, Faults, Service } from './faults'

export interface ProxyOptions {
  readonly faults: Faults
  /** The destination of the requests to each service. */
  readonly behind: Readonly<Record<Exclude<Service, 'execute-api'>, string>>
  /** The status of a response to a @connections request. `gone` first ends the connection. */
  readonly connections: (request: ConnectionsRequest) => number
  /** Kills the function with this name. */
  readonly kill: (functionName: string) => void
}

export interface ConnectionsRequest {
  readonly method: string
  readonly connectionId: string
  readonly body: string
  readonly gone: boolean
}

interface Request extends AwsCall {
  readonly request: IncomingMessage
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** A proxy between the functions and AWS that injects faults. */
export async function startProxy(options: ProxyOptions): Promise<StandIn> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => response.destroy())
  })
  return listen(server, 0)
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ProxyOptions): Promise<void> {
  const call = { ...callOf(request), request, body: await readBody(request) }
  const fault = options.faults.befalling(call)
  if (fault === 'noAnswer') return // the caller must time out
  if (fault === 'killedBefore') {
    options.kill(call.functionName)
    response.destroy()
    return
  }
  const { status, body: text } = refusal(fault, call.service) ?? (await forward(call, fault, options))
  if (fault === 'killedAfter') options.kill(call.functionName)
  if (fault === 'answerLost' || fault === 'killedAfter') response.destroy()
  else response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text)
}

/** Each function signs its calls with an access key of its own. */
function callOf({ headers }: IncomingMessage): AwsCall {
  const [, functionName = '', service = ''] =
    /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? []
  return { service: service as Service, functionName }
}

function refusal(fault: Fault | undefined, service: Service): Answer | undefined {
  if (fault === 'serverError') return { status: 500, body: '{"__type":"InternalServerError","message":"chaos"}' }
  if (fault !== 'throttled') return undefined
  const throttling: Readonly<Record<Service, Answer>> = {
    dynamodb: { status: 400, body: error('com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException') },
    sns: { status: 429, body: '<ErrorResponse><Error><Code>Throttled</Code></Error></ErrorResponse>' },
    'execute-api': { status: 429, body: error('LimitExceededException') },
    sqs: { status: 400, body: error('ThrottlingException') },
  }
  return throttling[service]
}

function error(type: string): string {
  return JSON.stringify({ __type: type, message: 'chaos' })
}

async function forward({ service, request, body }: Request, fault: Fault | undefined, options: ProxyOptions) {
  const { method = 'POST', url: path = '/', headers } = request
  if (service === 'execute-api') {
    const connectionId = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
    return { status: options.connections({ method, connectionId, body, gone: fault === 'gone' }), body: '' }
  }
  const url = new URL(path, options.behind[service])
  // Not fetch, which takes more than twice the CPU.
  const forwarded = send(url, { method, agent, headers: { ...headers, host: url.host } })
  forwarded.end(body)
  const [answered] = (await once(forwarded, 'response')) as [IncomingMessage]
  return { status: Number(answered.statusCode), body: await readBody(answered) }
}

const agent = new Agent({ keepAlive: true })
