import { bundleSharedFunctions } from '../support/bundled-functions'
import { startSharedDynamoDb } from '../support/shared-dynamodb'
import { setUpOnce } from './set-up-once'

/** Starts the DynamoDB, and bundles the functions, of all suites. */
export default async function setUpChaos(): Promise<void> {
  await Promise.all([setUpOnce('dynamodb', startSharedDynamoDb), setUpOnce('functions', bundleSharedFunctions)])
}
