import { readFileSync } from 'node:fs'
import { createServer, type TLSSocket } from 'node:tls'
import { indexPages, tableItem, type StandInCommand, type StandInReport } from './model'

/**
 * What stands in for AWS, in a process and on a core of its own: the @connections API, and of DynamoDB just what a fan-out asks
 * for. It answers with bytes that were made before, since what is measured must not wait for it. Pages end where DynamoDB's do;
 * run.ts checks them against dynalite.
 */
const [, , keyFile = '', certFile = ''] = process.argv
let delayMs = 0
let slow: string | undefined
let gone: string | undefined
let throttleAbovePerSecond: number | undefined
let served = new Map<string, number>()
let calls: Record<string, number> = {}
let readUnits = 0

const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, serve)
server.listen(0, 'localhost', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port })
})

process.on('message', (command: StandInCommand) => {
  const report: StandInReport = { served: served.size, posts: sum(served.values()), calls, readUnits }
  delayMs = command.delayMs
  slow = command.slow
  gone = command.gone
  throttleAbovePerSecond = command.throttleAbovePerSecond
  served = new Map()
  calls = {}
  readUnits = 0
  process.send?.(report)
})
process.on('disconnect', () => process.exit())

function serve(socket: TLSSocket): void {
  socket.setNoDelay()
  socket.on('error', () => socket.destroy())
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    for (;;) {
      const headEnd = text.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const bytes = Number(/content-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0)
      const end = headEnd + 4 + bytes
      if (text.length < end) return
      answer(socket, text.slice(0, headEnd), text.slice(headEnd + 4, end))
      text = text.slice(end)
    }
  })
}

function answer(socket: TLSSocket, head: string, body: string): void {
  const target = /x-amz-target: *DynamoDB_20120810\.(\w+)/i.exec(head)?.[1]
  if (target !== undefined) {
    count(target)
    respond(socket, response(200, dynamoDb(target, body)), 0)
    return
  }
  const id = decodeURIComponent(/connections\/([^ ?]+)/.exec(head)?.[1] ?? '')
  count('PostToConnection')
  if (id === gone) respond(socket, response(410, '{"message":null}'), delayMs)
  else if (isThrottled()) respond(socket, response(429, '{"message":"Limit Exceeded"}'), delayMs)
  else {
    served.set(id, (served.get(id) ?? 0) + 1)
    respond(socket, accepted, id === slow ? 4_000 : delayMs)
  }
}

function dynamoDb(target: string, body: string): string {
  const { ExpressionAttributeValues: values = {}, ExclusiveStartKey: start } = JSON.parse(body) as {
    ExpressionAttributeValues?: Record<string, { S: string }>
    ExclusiveStartKey?: { connectionId: { S: string } }
  }
  if (target === 'GetItem') return tableItem(server)
  const own = values[':topic']?.S
  const topic = own ?? values[':hashKey']?.S
  if (target !== 'Query' || topic === undefined) return '{"Items":[],"Count":0,"UnprocessedItems":{}}'
  const pages = indexPages(topic, own === undefined ? 'library' : 'project')
  const page = start === undefined ? pages[0] : pages.find(({ after }) => after === start.connectionId.S)
  readUnits += page?.readUnits ?? 0.5
  return page?.json ?? '{"Items":[],"Count":0}'
}

let second = 0
let inSecond = 0
function isThrottled(): boolean {
  if (throttleAbovePerSecond === undefined) return false
  const now = Math.floor(performance.now() / 1000)
  if (now !== second) inSecond = 0
  second = now
  return ++inSecond > throttleAbovePerSecond
}

const accepted = response(200, '')

function response(status: number, body: string): string {
  return `HTTP/1.1 ${status} .\r\nDate: Mon, 23 Nov 2026 06:00:00 GMT\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: keep-alive\r\nx-amzn-RequestId: 3a5f1c2e-0000-1111-2222-333344445555\r\n\r\n${body}`
}

function respond(socket: TLSSocket, text: string, afterMs: number): void {
  if (afterMs === 0) socket.write(text)
  else setTimeout(() => socket.write(text), afterMs)
}

function count(operation: string): void {
  calls[operation] = (calls[operation] ?? 0) + 1
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
