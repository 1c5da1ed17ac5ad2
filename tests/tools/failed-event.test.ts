import { expect, it } from '@jest/globals'
import { readFailedEvent } from '../../tools/failed-event'

const arn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:graphql-subscriptions-prod-${name}`
const event = { Records: [{ Sns: { Message: '{}' } }] }
const failed = {
  version: '1.0',
  requestContext: { functionArn: `${arn('publish')}:$LATEST`, condition: 'RetriesExhausted' },
  requestPayload: event,
  responsePayload: { errorType: 'Error', errorMessage: 'DynamoDB is away.' },
}

it('tells which function failed at which event, and why', () => {
  expect(readFailedEvent(JSON.stringify(failed))).toEqual({
    functionArn: arn('publish'),
    why: 'DynamoDB is away.',
    event,
  })
})

it('tells the condition where the function itself had no answer', () => {
  const aged = { ...failed, requestContext: { ...failed.requestContext, condition: 'EventAgeExceeded' } }
  expect(readFailedEvent(JSON.stringify({ ...aged, responsePayload: null })).why).toBe('EventAgeExceeded')
})

it("finds the translator's own event in what translationFailed was told", () => {
  const inner = {
    ...failed,
    requestContext: { functionArn: `${arn('translate-fr')}:$LATEST`, condition: 'RetriesExhausted' },
  }
  const outer = {
    version: '1.0',
    requestContext: { functionArn: `${arn('translationFailed')}:$LATEST`, condition: 'Success' },
    requestPayload: inner,
    responsePayload: null,
  }
  expect(readFailedEvent(JSON.stringify(outer))).toEqual({
    functionArn: arn('translate-fr'),
    why: 'DynamoDB is away.',
    event,
  })
})

it('refuses what Lambda did not write', () => {
  expect(() => readFailedEvent('{}')).toThrow()
})
