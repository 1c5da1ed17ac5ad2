import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import dynalite from 'dynalite'
import * as v from 'valibot'
import { createDynamoDb, type DynamoDb } from '../aws/dynamodb'
import { addFailedItems } from './dynamodb-failed-items'
import { listen, type StandIn } from './stand-in'

const Keys = v.array(v.object({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }))

const Throughput = v.object({ ReadCapacityUnits: v.number(), WriteCapacityUnits: v.number() })

const Index = v.object({
  IndexName: v.string(),
  KeySchema: Keys,
  Projection: v.object({
    ProjectionType: v.picklist(['ALL', 'INCLUDE', 'KEYS_ONLY']),
    NonKeyAttributes: v.optional(v.array(v.string())),
  }),
})

/**
 * The members of CreateTable that dynalite knows, with the same names as in CloudFormation. CloudFormation also has
 * members that CreateTable lacks (TimeToLiveSpecification, PointInTimeRecoverySpecification) or that have another shape
 * there (SSESpecification, StreamSpecification). dynalite implements none of those, so they are omitted. It never
 * deletes an item by its `ttl`; DynamoDB may take days to.
 */
const Table = v.object({
  TableName: v.string(),
  AttributeDefinitions: v.array(v.object({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) })),
  KeySchema: Keys,
  BillingMode: v.optional(v.picklist(['PROVISIONED', 'PAY_PER_REQUEST'])),
  ProvisionedThroughput: v.optional(Throughput),
  LocalSecondaryIndexes: v.optional(v.array(Index)),
  GlobalSecondaryIndexes: v.optional(
    v.array(v.object({ ...Index.entries, ProvisionedThroughput: v.optional(Throughput) })),
  ),
})

type Table = v.InferOutput<typeof Table>

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
  const inputs = tables.map((properties) => v.parse(Table, properties))
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
    await createTables(standIn.endpoint, inputs)
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

async function createTables(endpoint: string, inputs: readonly Table[]): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const dynamoDb = createDynamoDb({ url: new URL(endpoint), region: 'local', credentials: () => credentials })
  try {
    await Promise.all(inputs.map((input) => createTable(dynamoDb, input)))
  } finally {
    dynamoDb.close()
  }
}

const Description = v.object({ Table: v.object({ TableStatus: v.string() }) })

async function createTable(dynamoDb: DynamoDb, input: Table): Promise<void> {
  await dynamoDb.call('CreateTable', input)
  const isActive = async (): Promise<boolean> => {
    const description = await dynamoDb.call('DescribeTable', { TableName: input.TableName })
    return v.parse(Description, description).Table.TableStatus === 'ACTIVE'
  }
  while (!(await isActive())) await sleep(20)
}
