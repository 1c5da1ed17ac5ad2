import { createAwsEndpoint } from './aws-endpoint'
import { callAws, type Pause } from './call'
import type { CurrentCredentials } from './credentials'

type Operation =
  | 'Query'
  | 'GetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem'
  | 'CreateTable' // on a laptop
  | 'DescribeTable'

export interface DynamoDbOptions {
  readonly url: URL
  readonly region: string
  readonly credentials: CurrentCredentials
  readonly pause?: Pause
}

/**
 * DynamoDB in its own JSON. A call takes about a tenth of the CPU time of the SDK's client; a full page of an index
 * takes a third more, as parsing is most of it (README.md).
 */
export interface DynamoDb {
  /** Calls an operation with its input as in the API reference. Throws like `callAws`. */
  call(operation: Operation, input: Readonly<Record<string, unknown>>): Promise<unknown>
  /** See `HttpPool.preconnect`. */
  preconnect(): void
  close(): void
}

export function createDynamoDb({ url, region, credentials, pause }: DynamoDbOptions): DynamoDb {
  const endpoint = createAwsEndpoint({
    url,
    region,
    credentials,
    service: 'dynamodb',
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    maxConnections: 10,
    connectTimeoutMs: 2_000,
    responseTimeoutMs: 3_000,
  })

  return {
    async call(operation, input) {
      const body = JSON.stringify(input)
      const target = `DynamoDB_20120810.${operation}`
      const send = () => endpoint.send({ method: 'POST', path: '/', target, body })
      const output = await callAws({ service: 'DynamoDB', operation, send, ...(pause && { pause }) })
      return JSON.parse(output) as unknown
    },
    preconnect: () => {
      endpoint.preconnect()
    },
    close: () => {
      endpoint.close()
    },
  }
}
