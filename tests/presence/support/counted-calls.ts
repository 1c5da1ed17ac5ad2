import { createServer } from 'node:http'
import { createCountingDynamoDb } from '../../../bench/counting-aws/counting-dynamodb'
import { projectTables } from '../../../bench/dynamodb/tables'
import { listen, readBody, type StandIn } from '../../../lib/local/stand-in'

/** Calls by name, and the capacity units of those to DynamoDB. */
export interface Cost {
  readonly calls: Readonly<Record<string, number>>
  readonly readUnits: number
  readonly writeUnits: number
}

export interface CountedCalls extends StandIn {
  /** Counts a call of another service. */
  readonly count: (call: string) => void
  /** Returns the counts, and begins again at zero. */
  readonly take: () => Cost
}

/** Stands in front of the DynamoDB of a clients table, and counts. The caller closes it. */
export async function startCountedCalls(dynamoDbEndpoint: string, tableName: string): Promise<CountedCalls> {
  const callDynamoDb = createCountingDynamoDb(dynamoDbEndpoint, [{ ...projectTables().clients, TableName: tableName }])
  let calls: Record<string, number> = {}
  let [readUnits, writeUnits] = [0, 0]
  const count = (call: string) => {
    calls[call] = (calls[call] ?? 0) + 1
  }
  const server = createServer((request, response) => {
    const answer = async () => {
      const body = await readBody(request)
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? ''
      const { IndexName } = JSON.parse(body) as { readonly IndexName?: string }
      count(IndexName === undefined ? operation : `${operation} of the index`)
      const answered = await callDynamoDb({ headers: request.headers, operation, body })
      readUnits += answered.readUnits
      writeUnits += answered.writeUnits
      response.writeHead(answered.status).end(answered.text)
    }
    answer().catch(() => response.destroy())
  })
  return {
    ...(await listen(server, 0)),
    count,
    take() {
      const taken = { calls, readUnits, writeUnits }
      calls = {}
      readUnits = writeUnits = 0
      return taken
    },
  }
}
