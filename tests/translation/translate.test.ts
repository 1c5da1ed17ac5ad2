import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import { type ConnectionsServer, startConnectionsServer } from '../publisher/support/connections-server'

const outside = process.env
let amazonTranslate: ConnectionsServer
let handler: typeof import('../../handlers/translate').handler

beforeAll(async () => {
  amazonTranslate = await startConnectionsServer()
  process.env = {
    ...outside,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_MAX_ATTEMPTS: '1',
    AWS_ENDPOINT_URL: amazonTranslate.callbackUrl,
    TARGET_LANGUAGE: 'fr',
    EVENTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:messages',
  }
  await jest.isolateModulesAsync(async () => {
    handler = (await import('../../handlers/translate')).handler
  })
})

afterAll(async () => {
  process.env = outside
  await amazonTranslate.close()
})

// The client of Amazon Translate had no time-outs: a call that nobody answered lasted until its Lambda was ended, after 10 s.
it('gives a translation up that Amazon Translate does not answer within 3 s, so that Lambda can try again', async () => {
  amazonTranslate.behaviour = () => undefined
  const request = { id: 'r', chatId: 'a', text: 'Hello', author: null, sentAt: new Date().toISOString() }
  const event = { Records: [{ Sns: { MessageId: 'm', Message: JSON.stringify(request) } }] }
  await expect(handler(event)).rejects.toThrow(/Translate TranslateText failed/)
  expect(amazonTranslate.posts).toHaveLength(1)
}, 8_000)
