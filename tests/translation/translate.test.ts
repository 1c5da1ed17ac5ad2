import { TranslateClient } from '@aws-sdk/client-translate'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { amazonTranslate as translator } from '../../translation/translate'
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
    SOURCE_LANGUAGE: 'auto',
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

// Regression: the client of Amazon Translate had no time-outs, so an unanswered call lasted until Lambda ended the
// invocation, after 10 s.
it('a translation without a response fails with a time-out, so that Lambda retries', async () => {
  amazonTranslate.behaviour = () => undefined
  const request = { id: 'r', chatId: 'a', text: 'Hello', author: null, sentAt: new Date().toISOString() }
  const event = { Records: [{ Sns: { MessageId: 'm', Message: JSON.stringify(request) } }] }
  await expect(handler(event)).rejects.toThrow(/Translate TranslateText failed/)
  expect(amazonTranslate.posts).toHaveLength(1)
}, 8_000)

// Regression: the translation was attempted three times within minutes before the chat was told.
it('a message that Amazon Translate refuses permanently is published with an error at once', async () => {
  const before = amazonTranslate.posts.length
  amazonTranslate.behaviour = ({ headers }, response) => {
    const isTranslate = String(headers['x-amz-target']).includes('TranslateText')
    if (!isTranslate) response.end('<PublishResponse/>')
    else response.writeHead(400).end('{"__type":"UnsupportedLanguagePairException","Message":"no"}')
  }
  const request = { id: 'r', chatId: 'a', text: 'Hello', author: null, sentAt: new Date().toISOString() }
  await handler({ Records: [{ Sns: { Message: JSON.stringify(request) } }] })
  const [asked, published] = amazonTranslate.posts.slice(before)
  expect(asked?.body).toContain('"Text":"Hello"')
  const message = new URLSearchParams(published?.body).get('Message') ?? ''
  expect(JSON.parse(message)).toMatchObject({ id: 'r:fr', data: { error: 'This message could not be translated.' } })
})

describe('the translation of a text', () => {
  const clients: TranslateClient[] = []
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy()
  })

  type AnswerTo = (source: string) => { readonly status: number; readonly body: object }

  /** Translates "ok" into French. `answerTo` returns the answer to a call with this source language. */
  async function translate(answerTo: AnswerTo, { sourceLanguage = 'auto' } = {}) {
    const sources: string[] = []
    amazonTranslate.behaviour = ({ body }, response) => {
      const { SourceLanguageCode } = JSON.parse(body) as { SourceLanguageCode: string }
      sources.push(SourceLanguageCode)
      const answer = answerTo(SourceLanguageCode)
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
      response.end(JSON.stringify(answer.body))
    }
    const client = new TranslateClient({ maxAttempts: 2 })
    clients.push(client)
    const outcome = await translator(client, { sourceLanguage })('ok', 'fr').catch((error: unknown) => error)
    return { outcome, sources }
  }

  it('is retried with the detected language if its confidence is low', async () => {
    const unsure = { __type: 'DetectedLanguageLowConfidenceException', Message: 'low', DetectedLanguageCode: 'en' }
    const result = { TranslatedText: "d'accord", SourceLanguageCode: 'en', TargetLanguageCode: 'fr' }
    const { outcome, sources } = await translate((source) =>
      source === 'auto' ? { status: 400, body: unsure } : { status: 200, body: result },
    )
    expect(outcome).toEqual({ text: "d'accord", language: 'fr', sourceLanguage: 'en' })
    expect(sources).toEqual(['auto', 'en'])
  })

  // Amazon Comprehend may mistake a single word for the target language.
  it('is not retried if the language detected with low confidence is the target', async () => {
    const unsure = { __type: 'DetectedLanguageLowConfidenceException', Message: 'low', DetectedLanguageCode: 'fr' }
    const { outcome, sources } = await translate(() => ({ status: 400, body: unsure }))
    expect(outcome).toEqual({ text: 'ok', language: 'fr', sourceLanguage: 'fr' })
    expect(sources).toEqual(['auto'])
  })

  it.each([
    ['UnsupportedLanguagePairException', { SourceLanguageCode: 'yi', TargetLanguageCode: 'fr' }],
    ['InvalidRequestException', {}],
    ['TextSizeLimitExceededException', {}],
    ['DetectedLanguageLowConfidenceException', {}],
  ])('is refused without a retry: %s', async (__type, details) => {
    const { outcome, sources } = await translate(() => ({ status: 400, body: { __type, Message: 'no', ...details } }))
    expect(outcome).toEqual({ refused: __type })
    expect(sources).toEqual(['auto'])
  })

  it.each([
    ['TooManyRequestsException', 400],
    ['InternalServerException', 500],
    ['ServiceUnavailableException', 500],
    ['AccessDeniedException', 400],
  ])('throws an AwsCallError for a temporary or fixable failure: %s', async (__type, status) => {
    const { outcome } = await translate(() => ({ status, body: { __type, Message: 'later' } }))
    expect(outcome).toMatchObject({ name: 'AwsCallError' })
  })

  // In regions without Amazon Comprehend, no language can be detected.
  it('uses the source language of the stage if it has one', async () => {
    const result = { TranslatedText: "d'accord", SourceLanguageCode: 'en', TargetLanguageCode: 'fr' }
    const { outcome, sources } = await translate(() => ({ status: 200, body: result }), { sourceLanguage: 'en' })
    expect(outcome).toEqual({ text: "d'accord", language: 'fr', sourceLanguage: 'en' })
    expect(sources).toEqual(['en'])
  })

  // A region without Amazon Translate has no such host. Regression: the translation was attempted three times within
  // minutes.
  it('is refused at once if the region has no Amazon Translate', async () => {
    const client = new TranslateClient({ endpoint: 'http://translate.nowhere.invalid' })
    clients.push(client)
    const outcome = await translator(client, { sourceLanguage: 'auto' })('ok', 'fr')
    expect(outcome).toEqual({ refused: expect.stringContaining('ENOTFOUND translate.nowhere.invalid') })
  })
})

it('the handler calls Amazon Translate in the configured region', async () => {
  process.env['TRANSLATE_REGION'] = 'eu-central-1'
  const before = amazonTranslate.posts.length
  amazonTranslate.behaviour = (_request, response) => {
    response.writeHead(400).end('{"__type":"UnsupportedLanguagePairException","Message":"no"}')
  }
  const request = { id: 'r', chatId: 'a', text: 'Hello', author: null, sentAt: new Date().toISOString() }
  await jest.isolateModulesAsync(async () => {
    const { handler: elsewhere } = await import('../../handlers/translate')
    await elsewhere({ Records: [{ Sns: { Message: JSON.stringify(request) } }] }).catch(() => undefined)
  })
  expect(amazonTranslate.posts[before]?.headers.authorization).toContain('/eu-central-1/translate/')
})
