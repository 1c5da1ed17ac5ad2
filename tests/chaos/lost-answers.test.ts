import { afterAll, beforeAll, it } from '@jest/globals'
import { converse } from '../../chaos/conversation'
import { type CloudUnderTest, startCloudUnderTest } from './support/cloud-under-test'

let on: CloudUnderTest

beforeAll(async () => {
  on = await startCloudUnderTest()
})
afterAll(() => on.close())

// It was closed for a duplicate connection_init or subscription id, and it received events after `complete`.
it('a client does not notice that `default` loses every second response of DynamoDB', async () => {
  on.faults.follow([{ fault: 'answerLost', of: { service: 'dynamodb', functionName: 'default' }, every: 2 }])
  await converse(on.cloud, on.tables)
})
