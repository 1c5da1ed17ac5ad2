import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  ListLanguagesCommand,
  TextSizeLimitExceededException,
  TranslateClient,
  TranslateServiceException,
  TranslateTextCommand,
  UnsupportedLanguagePairException,
  type TranslateTextCommandOutput,
} from '@aws-sdk/client-translate'
import type { StandIn } from '../../lib/local/stand-in'
import { startTranslate } from '../../local/translate'

let standIn: StandIn
let client: TranslateClient

beforeAll(async () => {
  standIn = await startTranslate({ port: 0 })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  client = new TranslateClient({ endpoint: standIn.endpoint, region: 'us-east-1', credentials })
})

afterAll(async () => {
  client.destroy()
  await standIn.close()
})

function translate(Text: string, TargetLanguageCode: string, source = 'auto'): Promise<TranslateTextCommandOutput> {
  return client.send(new TranslateTextCommand({ Text, SourceLanguageCode: source, TargetLanguageCode }))
}

test.each([
  ['fr', 'Bonjour'],
  ['de', 'Guten Morgen'],
])('a sentence of the phrase book is translated to %s and its language detected', async (target, translation) => {
  expect(await translate('Good morning', target)).toMatchObject({
    TranslatedText: translation,
    SourceLanguageCode: 'en',
    TargetLanguageCode: target,
  })
})

test.each(['good morning', 'GOOD MORNING!', '  Good   morning ... ', 'Good morning ?!'])(
  'case, white space and final punctuation do not matter: %j',
  async (text) => {
    expect(await translate(text, 'fr')).toMatchObject({ TranslatedText: 'Bonjour' })
  },
)

test('a French or German sentence of the phrase book is detected and translated', async () => {
  expect(await translate('Guten Morgen', 'fr')).toMatchObject({ SourceLanguageCode: 'de', TranslatedText: 'Bonjour' })
  expect(await translate('quelle heure est-il?', 'en')).toMatchObject({
    SourceLanguageCode: 'fr',
    TranslatedText: 'What time is it?',
  })
})

test('any other text is returned untranslated, with the target language as a prefix', async () => {
  expect(await translate('Ship it on Friday', 'fr')).toMatchObject({ TranslatedText: '[fr] Ship it on Friday' })
  expect(await translate('Good morning', 'ja')).toMatchObject({ TranslatedText: '[ja] Good morning' })
})

test('a source language in the request overrides detection', async () => {
  expect(await translate('Good morning', 'fr', 'de')).toMatchObject({
    SourceLanguageCode: 'de',
    TranslatedText: '[fr] Good morning',
  })
})

test('a text in the target language is returned unchanged', async () => {
  expect(await translate('Guten Morgen!', 'de')).toMatchObject({
    SourceLanguageCode: 'de',
    TranslatedText: 'Guten Morgen!',
  })
})

test('a text of 10,000 bytes of UTF-8 is accepted, and one byte more is refused', async () => {
  expect(await translate('é'.repeat(5_000), 'fr')).toMatchObject({ TranslatedText: `[fr] ${'é'.repeat(5_000)}` })
  await expect(translate('é'.repeat(5_000) + 'x', 'fr')).rejects.toThrow(TextSizeLimitExceededException)
})

test('an empty text is refused with a ValidationException', async () => {
  const refusal = translate('', 'fr')
  await expect(refusal).rejects.toThrow(TranslateServiceException)
  await expect(refusal).rejects.toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } })
})

test.each([
  ['xx', 'auto'],
  ['auto', 'en'],
  ['fr', 'xx'],
])('an unsupported language is refused: to %s from %s', async (target, source) => {
  const refusal = translate('Good morning', target, source)
  await expect(refusal).rejects.toThrow(UnsupportedLanguagePairException)
  await expect(refusal).rejects.toMatchObject({ SourceLanguageCode: source, TargetLanguageCode: target })
})

test('another operation of Amazon Translate is refused with its name', async () => {
  await expect(client.send(new ListLanguagesCommand({}))).rejects.toThrow('ListLanguages')
})

test('closing does not wait for a client in the middle of a request', async () => {
  const other = await startTranslate({ port: 0 })
  const socket = connect(Number(new URL(other.endpoint).port), 'localhost').on('error', () => undefined)
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n')
  await once(socket, 'data') // 100 Continue: now the server waits for the body

  await other.close()
})
