import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { startSns } from '../../lib/local/sns'
import type { StandIn } from '../../lib/local/stand-in'
import { parseFailureRecord } from '../../translation/failure-record'
import { captureLogOfEach } from '../support/captured-log'

const request = { id: 'r', chatId: 'a', text: 'Hello', author: null, to: null, sentAt: '2030-01-01T00:00:00.000Z' }
const translator = (stage: string) => `arn:aws:lambda:us-east-1:123456789012:function:graphql-subscriptions-${stage}`
const record = (functionArn: string, message: unknown = request) => ({
  version: '1.0',
  requestContext: { requestId: 'i', functionArn, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
  requestPayload: { Records: [{ Sns: { Message: JSON.stringify(message) } }] },
  responseContext: { statusCode: 200, functionError: 'Unhandled' },
  responsePayload: { errorMessage: 'Task timed out' },
})

describe('a translation that failed permanently', () => {
  const topicArn = 'arn:aws:sns:us-east-1:000000000000:events'
  const outside = process.env
  const published: unknown[] = []
  const logged = captureLogOfEach()
  let sns: StandIn
  let translationFailed: typeof import('../../translation/translation-failed').translationFailed

  beforeAll(async () => {
    sns = await startSns({
      port: 0,
      topics: [topicArn],
      subscriptions: [{ topicArn, functionName: 'publish' }],
      invoke: (_name, { Records: [{ Sns }] }) => Promise.resolve(void published.push(JSON.parse(Sns.Message))),
    })
    process.env = {
      ...outside,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_ENDPOINT_URL_SNS: sns.endpoint,
      EVENTS_TOPIC_ARN: topicArn,
    }
    await jest.isolateModulesAsync(async () => {
      ;({ translationFailed } = await import('../../translation/translation-failed'))
    })
  })
  afterAll(() => {
    process.env = outside
    return sns.close()
  })

  it.each([
    ['fr', `${translator('dev')}-translate-fr:$LATEST`],
    ['zh-TW', `${translator('my-translate-stage')}-translate-zh-TW`],
  ])('has its language from the function name of the translator: %s', (language, functionArn) => {
    expect(parseFailureRecord(record(functionArn))).toEqual({ language, messages: [JSON.stringify(request)] })
  })

  it.each([
    ['of a chat', request, { channel: 'chat', keys: ['a'], tags: ['fr'] }],
    ['of a user', { ...request, chatId: '', author: 'ann', to: 'bob' }, { channel: 'inbox', keys: ['bob'] }],
  ])('is published to the subscribers %s with the source text and an error', async (_whose, message, where) => {
    published.length = 0
    await translationFailed(record(`${translator('dev')}-translate-fr:$LATEST`, message))
    const { id: requestId, ...sent } = message
    const untranslated = { ...sent, requestId, language: 'fr', sourceText: 'Hello', sourceLanguage: 'auto' }
    const data = { ...untranslated, error: 'This message could not be translated.' }
    expect(published).toEqual([{ ...where, id: 'r:fr', data, correlationId: 'r', requestedAt: request.sentAt }])
    expect(logged.join()).toContain('A translation failed for good.')
    expect(logged.join()).toContain('"Untranslated":1')
    expect(logged.join()).not.toContain('Hello')
  })

  it('throws if its record has no valid request or no language', async () => {
    const wrong = record(`${translator('dev')}-translate-fr`, { ...request, text: 7 })
    await expect(translationFailed(wrong)).rejects.toThrow('Expected string')
    await expect(translationFailed(record(translator('dev')))).rejects.toThrow('has no language in its name')
  })
})
