import { isDeepStrictEqual } from 'node:util'
import { startDynamoDb } from '../../lib/local/dynamodb'
import { rememberCredentials } from '../../lib/aws/credentials'
import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
import { createTable } from '../../lib/aws/table'
import { createSubscribers } from '../../lib/clients/subscribers'
import { AwsCallError } from '../../lib/errors'
import { createAppender } from '../../lib/history/append'
import { projectTables } from '../dynamodb/tables'
import { everyone, topicOf, translation } from '../model'
import { createDynamoDb as createStandIn } from './dynamodb'
import { projectRow } from './rows'

/**
 * Makes the functions' own code call both dynalite and the stand-in with the same requests, and compares each response:
 * for a page of a topic's subscribers, and for everything that logs events, including the same event twice and two
 * publishers at once.
 */
export async function checkStandIn(): Promise<void> {
  process.env['AWS_ACCESS_KEY_ID'] ??= 'a'
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 's'
  const { clients, messages } = projectTables()
  const server = await startDynamoDb({ port: 0, tables: [clients, messages] })
  const url = new URL(server.endpoint)
  const dynalite = createDynamoDb({ url, region: 'us-east-1', credentials: rememberCredentials() })
  try {
    await fillTopic(dynalite)
    const both = comparing(dynalite, createStandIn('localhost'))
    await createSubscribers({ table: createTable({ dynamoDb: both, tableName: 'clients' }) }).page(topicOf(room))
    await appendToLog(both)
  } finally {
    dynalite.close()
    await server.close()
  }
}

const room = everyone(300)

async function fillTopic(dynalite: DynamoDb): Promise<void> {
  for (let n = 0; n < room.listeners; n++) {
    const Item = { ...projectRow(n), topic: { S: topicOf(room) }, query: { S: 'is not in the index' } }
    await dynalite.call('PutItem', { TableName: 'clients', Item })
  }
}

/** Appends past the reserved numbers, with two publishers that each have an outdated tail. */
async function appendToLog(dynamoDb: Pick<DynamoDb, 'call'>): Promise<void> {
  const pause = () => Promise.resolve()
  const table = createTable({ dynamoDb, tableName: 'messages' })
  const appender = () => createAppender({ table, ttlSeconds: 3_600, pause })
  const [one, other] = [appender(), appender()]
  const draft = (n: number) => {
    const { id, data } = translation(room, String(n))
    return { topics: [topicOf(room)] as const, id, data }
  }
  for (let n = 0; n < 210; n++) await (n % 50 === 49 ? other : one).append(draft(n))
  const { sequence } = await one.append(draft(7))
  if (sequence !== 8) throw new Error(`Expected the eighth event of a log to have the number 8, got ${sequence}.`)
}

function comparing(dynalite: DynamoDb, standIn: ReturnType<typeof createStandIn>): Pick<DynamoDb, 'call'> {
  return {
    async call(operation, input) {
      const outcome = await dynalite.call(operation, input).then(
        (output) => ({ output }),
        (error: unknown) => ({ error }),
      )
      const { status, json } = standIn(operation, JSON.stringify(input))
      const isSame =
        'error' in outcome
          ? status === 400 && isRefusal(outcome.error, json)
          : isDeepStrictEqual(outcome.output, JSON.parse(json))
      if (!isSame)
        throw new Error(`The stand-in and dynalite respond differently to a ${operation}: ${json.slice(0, 500)}`)
      if ('error' in outcome) throw outcome.error
      return outcome.output
    },
  }
}

function isRefusal(error: unknown, json: string): boolean {
  const { __type } = JSON.parse(json) as { __type: string }
  return error instanceof AwsCallError && error.code === __type.split('#').at(-1)
}
