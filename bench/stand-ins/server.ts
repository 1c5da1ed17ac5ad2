import { readFileSync } from 'node:fs'
import { createTokenBucket, type TokenBucket } from '../../lib/publisher/token-bucket'
import type { StandInCommand, StandInReport } from './commands'
import { createDynamoDb } from './dynamodb'
import { createStandInServer, type Request, type Respond } from './http'

/**
 * The stand-ins for AWS, in a process and on a core of their own: the @connections API, and the part of DynamoDB that a
 * fan-out uses. Most responses are prepared in advance, so that the measured process does not wait for them. Pages end
 * where DynamoDB's do; check.ts compares them with dynalite.
 */
const [, , keyFile = '', certFile = ''] = process.argv
let command: StandInCommand = { delayMs: 0 }
let quota = quotaOf()
let served = new Map<string, number>()
let tally = emptyTally()

const server = createStandInServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, answer)
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
  quota = quotaOf(next.throttleAbovePerSecond)
  served = new Map()
  tally = emptyTally()
  process.send?.(report)
})
process.on('disconnect', () => process.exit())

function answer({ path, target, body }: Request, respond: Respond): void {
  const operation = /^DynamoDB_20120810\.(\w+)$/.exec(target ?? '')?.[1]
  if (operation !== undefined) answerDynamoDb(operation, body, respond)
  else if (path.includes('/@connections/')) answerPost(path, respond)
  else {
    count('Publish')
    respond(200, '{}', 0)
  }
}

function answerDynamoDb(operation: string, body: string, respond: Respond): void {
  const { status, json, ...units } = dynamoDb(operation, body)
  count(operation)
  tally.readUnits += units.readUnits
  tally.writeUnits += units.writeUnits
  respond(status, json, 0)
}

function answerPost(path: string, respond: Respond): void {
  const id = decodeURIComponent(/connections\/([^ ?]+)/.exec(path)?.[1] ?? '')
  count('PostToConnection')
  if (id === command.gone) respond(410, '{"message":null}', command.delayMs)
  else if (quota.take() > 0) respond(429, '{"message":"Limit Exceeded"}', command.delayMs)
  else {
    served.set(id, (served.get(id) ?? 0) + 1)
    respond(200, '', id === command.slow ? 4_000 : command.delayMs)
  }
}

/** As API Gateway throttles, with bursts of one second's requests. */
function quotaOf(ratePerSecond = Infinity): TokenBucket {
  return createTokenBucket({ ratePerSecond, burst: ratePerSecond, now: () => performance.now() })
}

function count(operation: string): void {
  tally.calls[operation] = (tally.calls[operation] ?? 0) + 1
}

function emptyTally(): { calls: Record<string, number>; readUnits: number; writeUnits: number } {
  return { calls: {}, readUnits: 0, writeUnits: 0 }
}
