import { describe, expect, it } from '@jest/globals'
import { translationEvent } from '../../schema/channels'
import { parseFailureRecord } from '../../translation/failure-record'
import { untranslated } from '../../translation/translated'

const request = { id: 'r', chatId: 'a', text: 'Hello', author: null, to: null, sentAt: '2030-01-01T00:00:00.000Z' }
const record = (functionArn: string) => ({
  version: '1.0',
  requestContext: { requestId: 'i', functionArn, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
  requestPayload: { Records: [{ Sns: { Message: JSON.stringify(request) } }] },
  responseContext: { statusCode: 200, functionError: 'Unhandled' },
  responsePayload: { errorMessage: 'Task timed out' },
})

describe('a translation that failed for good', () => {
  it.each([
    ['fr', 'arn:aws:lambda:us-east-1:123456789012:function:graphql-subscriptions-dev-translate-fr:$LATEST'],
    [
      'zh-TW',
      'arn:aws:lambda:us-east-1:123456789012:function:graphql-subscriptions-my-translate-stage-translate-zh-TW',
    ],
  ])('is one into the language that the name of the translator ends in: %s', (language, functionArn) => {
    expect(parseFailureRecord(record(functionArn))).toEqual({ language, messages: [JSON.stringify(request)] })
  })

  it('is told to those who wait for it, in its place, with the text as it was sent', () => {
    const data = untranslated(request, 'fr')
    expect(data).toMatchObject({ text: 'Hello', language: 'fr', error: expect.stringMatching(/\w/) })
    expect(translationEvent(data).toJSON()).toMatchObject({
      channel: 'chat',
      keys: ['a'],
      tags: ['fr'],
      id: 'r:fr',
      data,
    })
  })
})
