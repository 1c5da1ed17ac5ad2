import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import dynalite from 'dynalite'
import { createTables } from './create-tables'
import { addFailedItems } from './dynamodb-failed-items'
import { listen, type StandIn } from './stand-in'

interface DynamoDbOptions {
  /** 0 means any free port. */
  readonly port: number
  /** The `Properties` of the AWS::DynamoDB::Table resources, as in serverless.yml. */
  readonly tables: readonly unknown[]
}

/**
 * Starts a DynamoDB in memory and creates `tables`. Resolves when every table is ACTIVE. Rejects if the port is in use,
 * or if CloudFormation would not accept a table. Closing it deletes all items.
 */
export async function startDynamoDb({ port, tables }: DynamoDbOptions): Promise<StandIn> {
  addFailedItems()
  const server = dynalite({ createTableMs: 0 })
  const untilAnswered = watchRequests(server)
  const listening = await listen(server, port)
  const standIn: StandIn = {
    endpoint: listening.endpoint,
    async close() {
      await untilAnswered()
      await listening.close()
    },
  }
  try {
    await createTables(standIn.endpoint, tables)
  } catch (error) {
    await standIn.close()
    throw error
  }
  return standIn
}

/** How long `close` waits for answers. One takes milliseconds. */
const maxAnswerMs = 2_000

/**
 * Returns a function that resolves when dynalite has answered every request that it has received. If its database is
 * closed while it works, even for a client that has left, it throws, and nothing can catch that.
 */
function watchRequests(server: Server): () => Promise<void> {
  const exchanges = new Set<readonly [IncomingMessage, ServerResponse]>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const exchange = [request, response] as const
    exchanges.add(exchange)
    for (const end of ['finish', 'close'])
      response.once(end, () => response.writableEnded && exchanges.delete(exchange))
  })
  return async () => {
    const isWorking = () => [...exchanges].some(([request, response]) => request.complete && !response.writableEnded)
    for (const endMs = Date.now() + maxAnswerMs; isWorking() && Date.now() < endMs;) await sleep(10)
  }
}
