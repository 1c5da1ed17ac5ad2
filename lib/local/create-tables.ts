import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { createDynamoDb, type DynamoDb } from '../aws/dynamodb'

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

/**
 * Creates tables in a DynamoDB in memory. Resolves when all are ACTIVE. Rejects if CloudFormation would not accept one,
 * or if one of this name exists.
 *
 * @param tables the `Properties` of the AWS::DynamoDB::Table resources, as in serverless.yml
 */
export async function createTables(endpoint: string, tables: readonly unknown[]): Promise<void> {
  const inputs = tables.map((properties) => v.parse(Table, properties))
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
