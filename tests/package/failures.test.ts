import { beforeAll, describe, expect, it } from '@jest/globals'
import { templateOf, propertiesOf, resourcesOf, type Template } from '../support/packaged'
import { stageName } from '../support/stage-name'

let template: Template
beforeAll(async () => {
  template = await templateOf('demo')
})

const toQueue = { Destination: { 'Fn::GetAtt': ['FailedEvents', 'Arn'] } }
const toTranslationFailed = { Destination: { 'Fn::GetAtt': ['TranslationFailedLambdaFunction', 'Arn'] } }

/** The functions that an SNS topic or another function invokes asynchronously. */
const asynchronous = {
  TranslateFr: { DestinationConfig: { OnFailure: toTranslationFailed } },
  TranslateDe: { DestinationConfig: { OnFailure: toTranslationFailed } },
  TranslationFailed: { DestinationConfig: { OnFailure: toQueue, OnSuccess: toQueue } },
  Publish: { DestinationConfig: { OnFailure: toQueue } },
}

it.each(Object.entries(asynchronous))(
  'an event of %s is tried three times within an hour, then sent to its destination',
  (name, destinations) => {
    expect(propertiesOf(template, `${name}LambdaEvConf`)).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
    })
    expect(propertiesOf(template, `${name}LambdaEvConf`)).toMatchObject(destinations)
  },
)

it('every function that subscribes to a topic has a failure destination', () => {
  const hearing = Object.values(resourcesOf(template, 'AWS::SNS::Subscription'))
    .filter(({ Properties }) => Properties['Protocol'] === 'lambda')
    .map(({ Properties }) => Properties['Endpoint'])
  expect(hearing.length).toBeGreaterThan(0)
  const known = Object.keys(asynchronous).map((name) => ({ 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] }))
  for (const endpoint of hearing) expect(known).toContainEqual(endpoint)
})

it('the queue of room changes redelivers a message as soon as SQS allows, after 60 s', () => {
  const { FunctionName } = propertiesOf(template, 'PublishEventSourceMappingSQSRoomChanges')
  expect(FunctionName).toEqual({ 'Fn::GetAtt': ['PublishLambdaFunction', 'Arn'] })
  const { Timeout } = propertiesOf(template, 'PublishLambdaFunction')
  // SQS accepts no visibility time-out below the function's.
  expect(propertiesOf(template, 'RoomChanges')).toMatchObject({ VisibilityTimeout: 60 })
  expect(Timeout).toBe(60)
})

it('the queue of failed events keeps them for 14 days, encrypted', () => {
  expect(propertiesOf(template, 'FailedEvents')).toMatchObject({
    MessageRetentionPeriod: 14 * 24 * 3600,
    SqsManagedSseEnabled: true,
  })
})

describe('a message that SNS cannot deliver', () => {
  const subscriptions = () => Object.values(resourcesOf(template, 'AWS::SNS::Subscription'))

  it('goes to the queue of failed events from every subscription', () => {
    expect(subscriptions()).toHaveLength(4)
    for (const { Properties } of subscriptions()) {
      expect(Properties['RedrivePolicy']).toEqual({ deadLetterTargetArn: { 'Fn::GetAtt': ['FailedEvents', 'Arn'] } })
    }
  })

  it('is accepted by that queue from every topic of the stage, application topics included', () => {
    const policies = Object.values(resourcesOf(template, 'AWS::SQS::QueuePolicy')).map(({ Properties }) => Properties)
    const ofQueue = policies.filter(({ Queues }) => JSON.stringify(Queues) === '[{"Ref":"FailedEvents"}]')
    const topics = Object.values(resourcesOf(template, 'AWS::SNS::Topic'))
    expect(topics).toHaveLength(3)
    for (const { Properties } of topics) expect(Properties['TopicName']).toMatch(RegExp(`^${stageName('demo')}-`))
    const ofStage = `arn:\${AWS::Partition}:sns:\${AWS::Region}:\${AWS::AccountId}:${stageName('demo')}-*`
    expect(ofQueue).toEqual([
      {
        Queues: [{ Ref: 'FailedEvents' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'sns.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: { 'Fn::GetAtt': ['FailedEvents', 'Arn'] },
              Condition: { ArnLike: { 'aws:SourceArn': { 'Fn::Sub': ofStage } } },
            },
            expect.objectContaining({ Effect: 'Deny' }),
          ],
        },
      },
    ])
  })
})
