import { createServer, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, it, jest } from '@jest/globals'
import { startSns } from '../../lib/local/sns'
import { listen, readBody, type StandIn } from '../../lib/local/stand-in'
import { startTranslate } from '../../local/translate'
import { captureLogOfEach } from '../support/captured-log'
import { until } from '../support/until'

type Handler = (event: unknown) => Promise<unknown>
type Fault = (response: ServerResponse) => void

const arn = (topic: string) => `arn:aws:sns:us-east-1:000000000000:${topic}`
const languages = ['fr', 'de']
const texts = ['one', 'two', 'three', 'four']

const outside = process.env
captureLogOfEach()
const standIns: StandIn[] = []
const handlers = new Map<string, Handler>()
/** The published translations by event id. The log keeps one for each id. */
const published = new Map<string, { readonly text: string; readonly error: string | null }>()
let failed: number
/** The fault of the n-th attempt to translate a text into a language; undefined if it succeeds. */
let fault: (attempt: number, language: string) => Fault | undefined

/** Runs the chat's functions between SNS and Amazon Translate, each with Lambda's three attempts. */
beforeAll(async () => {
  const amazonTranslate = await startTranslate({ port: 0 })
  const calls: string[] = []
  const failing = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      calls.push(body)
      const { TargetLanguageCode } = JSON.parse(body) as { readonly TargetLanguageCode: string }
      const befallen = fault(calls.filter((call) => call === body).length, TargetLanguageCode)
      if (befallen) {
        befallen(response)
        return
      }
      const headers = { 'x-amz-target': String(request.headers['x-amz-target']) }
      const answer = await fetch(amazonTranslate.endpoint, { method: 'POST', headers, body })
      response.writeHead(answer.status).end(await answer.text())
    })
  })
  const translate = await listen(failing, 0)
  const tries = new Map<unknown, number>()
  const sns = await startSns({
    port: 0,
    topics: ['requests', 'events'].map(arn),
    subscriptions: [
      ...languages.map((language) => ({ topicArn: arn('requests'), functionName: language })),
      { topicArn: arn('events'), functionName: 'publish' },
    ],
    retryDelaysMs: [10, 10],
    log: () => undefined,
    async invoke(name, event) {
      const { Message } = event.Records[0].Sns
      if (name === 'publish') {
        const { id, data } = JSON.parse(Message) as { id: string; data: { text: string; error: string | null } }
        published.set(id, data)
        return
      }
      const attempt = (tries.get(event) ?? 0) + 1
      tries.set(event, attempt)
      try {
        await handlers.get(name)?.(event)
      } catch (error) {
        failed++
        if (attempt < 3) throw error
        const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:chat-translate-${name}:$LATEST`
        await handlers.get('failed')?.({ requestContext: { functionArn }, requestPayload: event })
      }
    },
  })
  standIns.push(amazonTranslate, translate, sns)
  process.env = {
    ...outside,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_MAX_ATTEMPTS: '1', // no retry by the SDK, so Lambda retries
    AWS_ENDPOINT_URL_SNS: sns.endpoint,
    AWS_ENDPOINT_URL_TRANSLATE: translate.endpoint,
    EVENTS_TOPIC_ARN: arn('events'),
    SOURCE_LANGUAGE: 'auto',
  }
  await jest.isolateModulesAsync(async () => {
    const { translateInto } = await import('../../translation/translate-into')
    for (const language of languages) handlers.set(language, translateInto(language) as Handler)
    handlers.set('failed', (await import('../../translation/translation-failed')).translationFailed)
  })
})
beforeEach(() => {
  published.clear()
  failed = 0
})
afterAll(async () => {
  process.env = outside
  await Promise.all(standIns.map((standIn) => standIn.close()))
})

const answering =
  (status: number, type: string): Fault =>
  (response) => {
    response.writeHead(status).end(JSON.stringify({ __type: type }))
  }
const noAnswer: Fault = () => undefined

it.each<[string, Fault]>([
  ['throttles', answering(400, 'ThrottlingException')],
  ['answers 500', answering(500, 'InternalServerException')],
  ['closes the connection', (response) => response.destroy()],
])('every message is translated although Amazon Translate, at two of three tries, %s', async (what, befallen) => {
  fault = (attempt) => (attempt < 3 ? befallen : undefined)
  await sendAll(what)
  expect(failed).toBe(2 * texts.length * languages.length)
  expect([...published.values()].filter(({ error }) => error !== null)).toEqual([])
})

it('a translation without a response times out and is retried', async () => {
  fault = (attempt, language) => (language === 'de' && attempt === 1 ? noAnswer : undefined)
  await sendAll('no answer')
  expect(failed).toBe(texts.length)
})

it('a permanent failure is published as an error, and the other language is complete', async () => {
  fault = (_attempt, language) => (language === 'fr' ? answering(500, 'InternalServerException') : undefined)
  await sendAll('for good')
  for (const text of texts) {
    const sourceText = `${text}, for good`
    const error = 'This message could not be translated.'
    expect(published.get(`${text}:fr`)).toMatchObject({ text: sourceText, error })
    expect(published.get(`${text}:de`)).toMatchObject({ text: `[de] ${sourceText}`, error: null })
  }
})

/**
 * Sends messages. Resolves when each is published in each language, under one id however often, and nothing else is
 * published. Rejects if that does not happen.
 */
async function sendAll(what: string): Promise<void> {
  for (const id of texts) {
    const request = { id, chatId: 'a', text: `${id}, ${what}`, author: null, sentAt: new Date().toISOString() }
    const body = new URLSearchParams({
      Action: 'Publish',
      TopicArn: arn('requests'),
      Message: JSON.stringify(request),
    })
    await fetch(process.env['AWS_ENDPOINT_URL_SNS'] ?? '', { method: 'POST', body })
  }
  const ids = texts.flatMap((id) => languages.map((language) => `${id}:${language}`)).toSorted()
  await until(
    () => Promise.resolve([...published.keys()].toSorted()),
    (found) => JSON.stringify(found) === JSON.stringify(ids),
  )
}
