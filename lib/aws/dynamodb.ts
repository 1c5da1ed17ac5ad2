import { AwsCallError } from '../errors'
import { createAwsEndpoint } from './aws-endpoint'
import { callAws, type Pause } from './call'
import type { CurrentCredentials } from './credentials'

type Operation = 'Query' | 'GetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'BatchWriteItem'

export interface DynamoDbOptions {
  readonly url: URL
  readonly region: string
  readonly credentials: CurrentCredentials
  /** Waits between tries. */
  readonly pause?: Pause
}

/** DynamoDB in its own JSON. The SDK's document client takes ten times as long over a page of an index (docs/performance.md). */
export interface DynamoDb {
  /** Calls an operation with its input as in the API reference, attribute values with their types. Fails as `callAws` does. */
  call(operation: Operation, input: Readonly<Record<string, unknown>>): Promise<unknown>
  /** As `HttpPool.preconnect`. */
  preconnect(): void
  close(): void
}

/** "Error handling with DynamoDB". */
const passingErrors = /(ThrottlingException|ProvisionedThroughputExceededException|RequestLimitExceeded)"/

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
      const output = await callAws({ service: 'DynamoDB', operation, send, passingErrors, ...(pause && { pause }) })
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

/** Whether a call failed because the condition of its write was not met. */
export function conditionFailed(error: unknown): boolean {
  const { cause } = error instanceof AwsCallError ? error : {}
  return cause instanceof Error && cause.message.includes('ConditionalCheckFailedException"')
}
