import { expect, it } from '@jest/globals'
import { readFailedEvent } from '../../lib/commands/failed-event'
import { describeFailedEvent, sendFailedEvent } from '../../lib/commands/send-failed-event'

const arn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:food-delivery-prod-${name}`
const event = { Records: [{ Sns: { Message: '{}' } }] }
const failed = {
  version: '1.0',
  requestContext: { functionArn: `${arn('publish')}:$LATEST`, condition: 'RetriesExhausted' },
  requestPayload: event,
  responsePayload: { errorType: 'Error', errorMessage: 'DynamoDB is away.' },
}

it('readFailedEvent returns the function, the event and the reason of a record of Lambda', () => {
  expect(readFailedEvent(JSON.stringify(failed))).toEqual({
    kind: 'unhandled',
    functionArn: arn('publish'),
    why: 'DynamoDB is away.',
    event,
  })
})

it('readFailedEvent returns the condition as the reason if the function had no response', () => {
  const aged = { ...failed, requestContext: { ...failed.requestContext, condition: 'EventAgeExceeded' } }
  expect(readFailedEvent(JSON.stringify({ ...aged, responsePayload: null }))).toMatchObject({
    why: 'EventAgeExceeded',
  })
})

it("readFailedEvent returns the translator's event of a record of translationFailed", () => {
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
    kind: 'unhandled',
    functionArn: arn('translate-fr'),
    why: 'DynamoDB is away.',
    event,
  })
})

/** A message that SNS could not deliver, in the form in which it reaches the dead-letter queue of a subscription. */
const topicArn = 'arn:aws:sns:us-east-1:123456789012:food-delivery-prod-requests'
const subscriptionArn = `${topicArn}:fr`
const notification = { Type: 'Notification', MessageId: '1', TopicArn: topicArn, Message: '{"text":"Hello"}' }
const UnsubscribeURL = `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`

const hearing = [
  { subscriptionArn, functionArn: arn('translate-fr') },
  { subscriptionArn: `${topicArn}:de`, functionArn: arn('translate-de') },
]

/** Sends the event of a queued message again. @returns the invocations */
async function sent(letter: unknown, heard = hearing): Promise<readonly unknown[]> {
  const done: unknown[] = []
  await sendFailedEvent(readFailedEvent(JSON.stringify(letter)), {
    invoke: (functionArn, event) => Promise.resolve(void done.push([functionArn, event])),
    functionsHearing: (topic) => Promise.resolve(topic === topicArn ? heard : []),
  })
  return done
}

const snsEvent = { Records: [{ Sns: { MessageId: '1', Message: '{"text":"Hello"}' } }] }

it('sendFailedEvent sends an SNS message, in the shape of SNS, to the subscribed function', async () => {
  const done = await sent({ ...notification, UnsubscribeURL })
  expect(done).toHaveLength(1)
  expect(done).toMatchObject([[arn('translate-fr'), snsEvent]])
})

it.each([
  ['names no subscription', {}],
  ['names a subscription that was replaced', { UnsubscribeURL: UnsubscribeURL.replace(':fr', ':gone') }],
])('sendFailedEvent sends an SNS message to all functions of its topic if it %s', async (_what, url) => {
  expect(await sent({ ...notification, ...url })).toEqual([
    [arn('translate-fr'), expect.anything()],
    [arn('translate-de'), expect.anything()],
  ])
})

it('sendFailedEvent refuses a message of a topic without subscribers', async () => {
  await expect(sent(notification, [])).rejects.toThrow(`No function subscribes to ${topicArn}.`)
})

it('sendFailedEvent sends the event of a record of Lambda to its function', async () => {
  expect(await sent(failed)).toEqual([[arn('publish'), event]])
})

it('describeFailedEvent leaves out the content of the event', () => {
  const lines = [failed, { ...notification, UnsubscribeURL }].map((letter) =>
    describeFailedEvent(readFailedEvent(JSON.stringify(letter))),
  )
  expect(lines).toEqual([
    `${arn('publish')}  DynamoDB is away.`,
    `${subscriptionArn}  SNS could not deliver it to its function.`,
  ])
})

it('readFailedEvent refuses a message that neither Lambda nor SNS wrote', () => {
  expect(() => readFailedEvent('{}')).toThrow()
})

// Regression: a reason may quote the event, and was printed as it is.
it('describeFailedEvent is one line, whose reason does not control the terminal', () => {
  const quoting = { errorMessage: 'Expected an event to have only …, got "a\u001b[2J\r\nb".' }
  expect(describeFailedEvent(readFailedEvent(JSON.stringify({ ...failed, responsePayload: quoting })))).toBe(
    `${arn('publish')}  Expected an event to have only …, got "a [2J b".`,
  )
})
