import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { snsTopicSenders } from '../../lib/aws/sns-topic'
import { type ConnectionsServer, startConnectionsServer } from '../publisher/support/connections-server'

const topicArn = 'arn:aws:sns:us-east-1:000000000000:requests'
const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'

describe('a message to an SNS topic', () => {
  let server: ConnectionsServer
  let sns: ReturnType<typeof snsTopicSenders>
  const outside = process.env

  beforeEach(async () => {
    server = await startConnectionsServer()
    const credentials = () => ({ accessKeyId: 'a', secretAccessKey: 's' })
    sns = snsTopicSenders({ url: new URL(server.callbackUrl), region: 'us-east-1', credentials })
  })
  afterEach(async () => {
    process.env = outside
    sns.close()
    await server.close()
  })

  it('carries the trace id of the invocation in an unsigned header', async () => {
    process.env = { ...outside, _X_AMZN_TRACE_ID: trace }
    await sns.to(topicArn)({})
    const [post] = server.posts
    expect(post?.headers['x-amzn-trace-id']).toBe(trace)
    expect(post?.headers.authorization).not.toContain('x-amzn-trace-id')
  })

  it('has no trace header if the invocation has no trace id', async () => {
    await sns.to(topicArn)({})
    expect(server.posts[0]?.headers).not.toHaveProperty('x-amzn-trace-id')
  })
})
