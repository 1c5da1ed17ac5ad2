import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { resourcesOf } from '../support/packaged'
import { getArn, type RecordedStage, snsEvent, startRecordedStage } from '../support/recorded-stage'

/** The calls of the chat's own functions, and those of its mutations that the core does not make. */
const translators = ['translateFr', 'translateDe'] as const

let stage: RecordedStage

beforeAll(async () => {
  stage = await startRecordedStage()
  await walkThrough()
})

afterAll(() => stage.close())

describe.each([...translators, 'translationFailed'])('the function %s', (name) => {
  it('is granted exactly the calls that its code makes', () => {
    expect(stage.granted(name)).toEqual(stage.calls(name))
  })
})

it.each([
  ...translators.map((name) => [name, 'lambda:InvokeFunction', 'TranslationFailedLambdaFunction']),
  ['translationFailed', 'sqs:SendMessage', 'FailedEvents'],
])('the role of %s lets Lambda hand failed events on: %s on %s', (name, action, target) => {
  expect(stage.statements(name, 'platform').at(-1)).toEqual({
    Effect: 'Allow',
    Action: [action],
    Resource: getArn(target),
  })
})

it.each(['default', 'graphql'])(
  'the function %s may publish translation requests, besides the calls of the core',
  (name) => {
    const own = stage.grantedBy('RequestTranslationsPolicy')
    expect(own).toEqual([`sns:Publish on ${stage.physicalName('RequestsTopic')}`])
    expect(stage.calls(name)).toEqual(expect.arrayContaining([...own]))
    const allowed = [...own, ...stage.granted(name)]
    expect(stage.calls(name).filter((call) => !allowed.includes(call))).toEqual([])
  },
)

it('each role belongs to a function', () => {
  const functions = Object.keys(resourcesOf(stage.template, 'AWS::Lambda::Function'))
  const roles = functions.map((id) => stage.roleOf(id.replace(/LambdaFunction$/, '')))
  expect(Object.keys(resourcesOf(stage.template, 'AWS::IAM::Role')).toSorted()).toEqual(roles.toSorted())
})

async function walkThrough(): Promise<void> {
  const { as, load } = stage
  const { handler: connect } = await load('connect', () => import('../../handlers/connect'))
  const { handler: receive } = await load('default', () => import('../../handlers/default'))
  const { handler: graphql } = await load('graphql', () => import('../../handlers/graphql'))
  const times = { connectedAt: Date.now(), requestTimeEpoch: Date.now(), requestId: 'request' }
  const requestContext = { connectionId: 'here', ...times }
  const query = 'mutation { sendMessage(chatId: "a", text: "Hello") { id } }'
  const body = JSON.stringify({ query })
  await as('connect', () => connect({ requestContext }))
  await as('default', () => receive({ body, requestContext }))
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const post = {
    rawPath: '/graphql',
    rawQueryString: '',
    requestContext: { requestId: 'query', http: { method: 'POST' } },
  }
  await as('graphql', () => graphql({ ...post, headers, body }))

  const request = { id: 'r', chatId: 'a', text: 'Hello', author: null, sentAt: new Date().toISOString() }
  for (const name of translators) {
    const { handler: translate } = await load(name, () => import('../../handlers/translate'))
    await as(name, () => translate(snsEvent(request)))
  }
  const failed = { requestContext: { functionArn: 'f-translate-fr:$LATEST' }, requestPayload: snsEvent(request) }
  const { handler: translationFailed } = await load(
    'translationFailed',
    () => import('../../handlers/translation-failed'),
  )
  await as('translationFailed', () => translationFailed(failed))
}
