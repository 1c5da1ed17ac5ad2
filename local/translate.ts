import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as v from 'valibot'
import { findPhrase, phraseLanguages } from './phrase-book'
import { listen, readBody, type StandIn } from '../lib/local/stand-in'

/** TranslateText, "Text": the limit is in bytes of UTF-8 (Amazon Translate, "Guidelines and quotas"). */
const maxTextBytes = 10_000

/** Amazon Translate, "Supported languages and language codes". */
const languageCodes = new Set(
  (
    'af sq am ar hy az bn bs bg ca zh zh-TW hr cs da fa-AF nl en et fa tl fi fr fr-CA ka de el gu ht ha he hi hu is id ga it ' +
    'ja kn kk ko lv lt mk ms ml mt mr mn no ps pl pt pt-PT pa ro ru sr si sk sl so es es-MX sw sv ta te th tr uk ur uz vi cy'
  ).split(' '),
)

const TranslateTextRequest = v.object({
  Text: v.string(),
  SourceLanguageCode: v.string(),
  TargetLanguageCode: v.string(),
})

type TranslateTextRequest = v.InferOutput<typeof TranslateTextRequest>

interface Refusal {
  readonly __type: string
  readonly message: string
  readonly [detail: string]: string
}

interface Answer {
  readonly statusCode: 200 | 400
  readonly body: object
}

/**
 * Starts a stand-in for Amazon Translate on `port` (0 means any free one). It speaks the service's protocol (AWS JSON
 * 1.1) and has one operation, TranslateText. It translates the phrases of the phrase book. Any other text is returned
 * with the target language as a prefix, `[fr] text`, so that it cannot be taken for a translation. It refuses what the
 * service refuses, with the same exceptions. Rejects if the port is in use.
 */
export function startTranslate({ port }: { readonly port: number }): Promise<StandIn> {
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        send(response, answer(request, body))
      },
      () => response.destroy(), // the client disconnected before it had sent everything
    )
  })
  return listen(server, port)
}

function answer(request: IncomingMessage, body: string): Answer {
  const target = request.headers['x-amz-target']
  if (target !== 'AWSShineFrontendService_20170701.TranslateText') {
    return refuse({
      __type: 'UnknownOperationException',
      message: `This stand-in does not support the operation ${String(target)}`,
    })
  }
  const input = v.safeParse(v.pipe(v.string(), v.parseJson(), TranslateTextRequest), body)
  if (!input.success) return refuse({ __type: 'SerializationException', message: input.issues[0].message })
  const refusal = findFault(input.output)
  return refusal ? refuse(refusal) : { statusCode: 200, body: translate(input.output) }
}

function findFault({ Text, SourceLanguageCode, TargetLanguageCode }: TranslateTextRequest): Refusal | undefined {
  if (Text === '') {
    const message =
      "1 validation error detected: Value '' at 'text' failed to satisfy constraint: " +
      'Member must have length greater than or equal to 1'
    return { __type: 'ValidationException', message }
  }
  const bytes = Buffer.byteLength(Text)
  if (bytes > maxTextBytes) {
    const message = `Input text size exceeds limit. Max length of request text allowed is ${maxTextBytes} bytes while in this request the text size is ${bytes} bytes`
    return { __type: 'TextSizeLimitExceededException', message }
  }
  const knowsSource = SourceLanguageCode === 'auto' || languageCodes.has(SourceLanguageCode)
  if (knowsSource && languageCodes.has(TargetLanguageCode)) return undefined
  const message = `Unsupported language pair: ${SourceLanguageCode} to ${TargetLanguageCode}.`
  return { __type: 'UnsupportedLanguagePairException', message, SourceLanguageCode, TargetLanguageCode }
}

function translate({ Text, SourceLanguageCode, TargetLanguageCode }: TranslateTextRequest): object {
  const source = SourceLanguageCode === 'auto' ? detectLanguage(Text) : SourceLanguageCode
  const result = { SourceLanguageCode: source, TargetLanguageCode }
  if (source === TargetLanguageCode) return { ...result, TranslatedText: Text }
  const phrase = new Map(Object.entries(findPhrase(Text, source) ?? {}))
  return { ...result, TranslatedText: phrase.get(TargetLanguageCode) ?? `[${TargetLanguageCode}] ${Text}` }
}

/** The language in which the phrase book contains the text. Default: English. */
function detectLanguage(text: string): string {
  return phraseLanguages.find((language) => findPhrase(text, language)) ?? 'en'
}

function refuse(body: Refusal): Answer {
  return { statusCode: 400, body }
}

function send(response: ServerResponse, { statusCode, body }: Answer): void {
  response.writeHead(statusCode, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(JSON.stringify(body))
}
