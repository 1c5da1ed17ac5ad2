import { readFileSync } from 'node:fs'
import { createServer, type TLSSocket } from 'node:tls'
import type { StandInCommand, StandInReport } from './commands'
import { createDynamoDb } from './dynamodb'
import { onRequests, respond, response } from './http'

/**
 * What stands in for AWS, in a process and on a core of its own: the @connections API, and of DynamoDB just what a fan-out asks
 * for. It answers mostly with bytes that were made before, since what is measured must not wait for it. Pages end where
 * DynamoDB's do; check-stand-in.ts compares it with dynalite.
 */
const [, , keyFile = '', certFile = ''] = process.argv
let command: StandInCommand = { delayMs: 0 }
let served = new Map<string, number>()
let tally = emptyTally()

const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, (socket) => {
  onRequests(socket, (head, body) => {
    answer(socket, head, body)
  })
})
let dynamoDb: ReturnType<typeof createDynamoDb>
server.listen(0, 'localhost', () => {
  const address = server.address()
  if (address === null || typeof address !== 'object') return
  dynamoDb = createDynamoDb(`localhost:${address.port}`)
  process.send?.({ port: address.port })
})

process.on('message', (next: StandInCommand) => {
  let frames = 0
  for (const count of served.values()) frames += count
  const report: StandInReport = { served: served.size, frames, ...tally }
  command = next
  served = new Map()
  tally = emptyTally()
  process.send?.(report)
})
process.on('disconnect', () => process.exit())

function answer(socket: TLSSocket, head: string, body: string): void {
  const target = /x-amz-target: *DynamoDB_20120810\.(\w+)/i.exec(head)?.[1]
  if (target !== undefined) respond(socket, answerDynamoDb(target, body), 0)
  else if (head.includes('/@connections/')) answerPost(socket, head)
  else {
    count('Publish')
    respond(socket, response(200, '{}'), 0)
  }
}

function answerDynamoDb(target: string, body: string): string {
  const { status, json, ...units } = dynamoDb(target, body)
  count(target)
  tally.readUnits += units.readUnits
  tally.writeUnits += units.writeUnits
  return response(status, json)
}

const accepted = response(200, '')

function answerPost(socket: TLSSocket, head: string): void {
  const id = decodeURIComponent(/connections\/([^ ?]+)/.exec(head)?.[1] ?? '')
  count('PostToConnection')
  if (id === command.gone) respond(socket, response(410, '{"message":null}'), command.delayMs)
  else if (isThrottled()) respond(socket, response(429, '{"message":"Limit Exceeded"}'), command.delayMs)
  else {
    served.set(id, (served.get(id) ?? 0) + 1)
    respond(socket, accepted, id === command.slow ? 4_000 : command.delayMs)
  }
}

let second = 0
let inSecond = 0
function isThrottled(): boolean {
  if (command.throttleAbovePerSecond === undefined) return false
  const now = Math.floor(performance.now() / 1000)
  if (now !== second) inSecond = 0
  second = now
  return ++inSecond > command.throttleAbovePerSecond
}

function count(operation: string): void {
  tally.calls[operation] = (tally.calls[operation] ?? 0) + 1
}

function emptyTally(): { calls: Record<string, number>; readUnits: number; writeUnits: number } {
  return { calls: {}, readUnits: 0, writeUnits: 0 }
}
