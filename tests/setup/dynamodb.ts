import { startSharedDynamoDb } from '../support/shared-dynamodb'
import { setUpOnce } from './set-up-once'

/** Starts the DynamoDB of all suites that start no service. */
export default function setUpDynamoDb(): Promise<void> {
  return setUpOnce('dynamodb', startSharedDynamoDb)
}
