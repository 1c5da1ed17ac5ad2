import { afterAll, beforeAll, it } from '@jest/globals'
import { converse } from '../../chaos/conversation'
import { type CloudUnderTest, startCloudUnderTest } from './support/cloud-under-test'

let on: CloudUnderTest

beforeAll(async () => {
  on = await startCloudUnderTest()
})
afterAll(() => on.close())

// Regression: the client was closed for a second connection_init or a second subscription with the same id, or received
// events after `complete`.
it('a client does not see that each write of `default` is answered at the second try only', async () => {
  on.faults.follow([{ fault: 'answerLost', of: { service: 'dynamodb', functionName: 'default' }, every: 2 }])
  await converse(on.cloud, on.tables)
})
