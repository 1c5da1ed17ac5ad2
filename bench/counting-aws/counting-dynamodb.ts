import type { IncomingHttpHeaders } from 'node:http'
import type { Table } from '../dynamodb/tables'
import { type CallDynamoDb, createUnitCounter, type Units } from './unit-counter'

export interface DynamoDbRequest {
  readonly headers: IncomingHttpHeaders
  readonly operation: string
  readonly body: string
}

export interface CountedAnswer extends Units {
  readonly status: number
  readonly text: string
}

/** Creates a function that passes a request on to a stand-in for DynamoDB and counts its capacity units. */
export function createCountingDynamoDb(endpoint: string, tables: readonly Table[]) {
  const countUnits = createUnitCounter(tables)
  return async ({ headers, operation, body }: DynamoDbRequest): Promise<CountedAnswer> => {
    const { authorization = '', 'x-amz-date': date = '' } = headers
    const signed = { authorization, 'x-amz-date': String(date), 'content-type': 'application/x-amz-json-1.0' }
    const send = (target: string, text: string) =>
      fetch(endpoint, {
        method: 'POST',
        headers: { ...signed, 'x-amz-target': `DynamoDB_20120810.${target}` },
        body: text,
      })
    const call: CallDynamoDb = async (target, input) => {
      return (await (await send(target, JSON.stringify(input))).json()) as Record<string, unknown>
    }
    let answered = { status: 500, text: '' }
    const units = await countUnits(call, { operation, input: JSON.parse(body) as unknown }, async () => {
      const answer = await send(operation, body)
      answered = { status: answer.status, text: await answer.text() }
    })
    return { ...answered, ...units }
  }
}
