import { beforeAll, describe, expect, it } from '@jest/globals'
import { packageStage, propertiesOf, resourcesOf, type Template } from '../support/packaged'

let template: Template
beforeAll(async () => {
  template = await packageStage('demo', { access: 'open' })
}, 30_000)

const toQueue = { Destination: { 'Fn::GetAtt': ['FailedEvents', 'Arn'] } }
const toTranslationFailed = { Destination: { 'Fn::GetAtt': ['TranslationFailedLambdaFunction', 'Arn'] } }

/** Those that an SNS topic or another function invokes: nobody waits for their answer. */
const asynchronous = {
  TranslateFr: { OnFailure: toTranslationFailed },
  TranslateDe: { OnFailure: toTranslationFailed },
  TranslationFailed: { OnFailure: toQueue, OnSuccess: toQueue },
  Publish: { OnFailure: toQueue },
}

it.each(Object.entries(asynchronous))(
  'tries an event of %s three times in an hour, and then sends it on',
  (name, destinations) => {
    expect(propertiesOf(template, `${name}LambdaEvConf`)).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
      DestinationConfig: destinations,
    })
  },
)

it('does so for every function that hears a topic', () => {
  const hearing = Object.values(resourcesOf(template, 'AWS::SNS::Subscription')).map(
    ({ Properties }) => Properties['Endpoint'],
  )
  expect(hearing.length).toBeGreaterThan(0)
  const known = Object.keys(asynchronous).map((name) => ({ 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] }))
  for (const endpoint of hearing) expect(known).toContainEqual(endpoint)
})

describe('the queue of failed events', () => {
  it('keeps them for as long as SQS does, encrypted', () => {
    expect(propertiesOf(template, 'FailedEvents')).toMatchObject({
      MessageRetentionPeriod: 14 * 24 * 3600,
      SqsManagedSseEnabled: true,
    })
  })
})
