import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen, readBody, type StandIn } from '../local/stand-in'
import type { Fault, Faults, Service } from './faults'

export interface ProxyOptions {
  readonly faults: Faults
  /** Where the requests to each service go on to. */
  readonly behind: Readonly<Record<Exclude<Service, 'execute-api'>, string>>
  /** Answers a request to @connections with its status. `gone` ends the connection first. */
  readonly connections: (request: ConnectionsRequest) => number
  /** Kills the function of this name. */
  readonly kill: (functionName: string) => void
}

export interface ConnectionsRequest {
  readonly method: string
  readonly connectionId: string
  readonly body: string
  readonly gone: boolean
}

interface Call {
  readonly service: Service
  /** The access key that it was signed with: each function has its own. */
  readonly functionName: string
  readonly request: IncomingMessage
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** How long a call that nobody answers is left open. */
const silenceMs = 300

/** Stands between the functions and AWS, and lets calls fail. */
export async function startProxy(options: ProxyOptions): Promise<StandIn> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => response.destroy())
  })
  return listen(server, 0)
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ProxyOptions): Promise<void> {
  const body = await readBody(request)
  const [, functionName = '', service = ''] =
    /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? []
  const call: Call = { service: service as Service, functionName, request, body }
  const fault = options.faults.next(call.service)
  const refused = refusal(fault, call.service)
  if (fault === 'noAnswer') await sleep(silenceMs)
  if (fault === 'killedBefore') options.kill(functionName)
  if (fault === 'noAnswer' || fault === 'killedBefore') {
    response.destroy()
    return
  }
  const { status, body: text } = refused ?? (await forward(call, fault, options))
  if (fault === 'killedAfter') options.kill(functionName)
  if (fault === 'answerLost' || fault === 'killedAfter') response.destroy()
  else response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text)
}

function refusal(fault: Fault | undefined, service: Service): Answer | undefined {
  if (fault === 'serverError') return { status: 500, body: '{"__type":"InternalServerError","message":"chaos"}' }
  if (fault !== 'throttled') return undefined
  const throttling: Readonly<Record<Service, Answer>> = {
    dynamodb: { status: 400, body: error('com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException') },
    sns: { status: 429, body: '<ErrorResponse><Error><Code>Throttled</Code></Error></ErrorResponse>' },
    translate: { status: 400, body: error('ThrottlingException') },
    'execute-api': { status: 429, body: error('LimitExceededException') },
  }
  return throttling[service]
}

function error(type: string): string {
  return JSON.stringify({ __type: type, message: 'chaos' })
}

async function forward({ service, request, body }: Call, fault: Fault | undefined, options: ProxyOptions) {
  const { method = 'POST', url: path = '/', headers } = request
  if (service === 'execute-api') {
    const connectionId = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
    return { status: options.connections({ method, connectionId, body, gone: fault === 'gone' }), body: '' }
  }
  const kept = Object.entries(headers).filter(([name]) => !['host', 'connection', 'content-length'].includes(name))
  const answered = await fetch(`${options.behind[service]}${path}`, {
    method,
    headers: kept.map(([name, value]): [string, string] => [name, String(value)]),
    body,
  })
  return { status: answered.status, body: await answered.text() }
}
