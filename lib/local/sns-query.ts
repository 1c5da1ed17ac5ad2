import { randomUUID } from 'node:crypto'

/**
 * The part of the AWS Query protocol of Amazon SNS that publishing needs: a form in, XML out ("Amazon SNS API
 * reference: Publish, PublishBatch, Common errors").
 */
export interface Message {
  readonly body: string
  readonly subject: string | null
  readonly attributes: Readonly<Record<string, MessageAttribute>>
}

export interface MessageAttribute {
  readonly Type: string
  readonly Value: string
}

export interface BatchEntry {
  readonly id: string
  readonly message: Message
}

/** A refusal that the SDK converts into its exception for `code`: NotFound, InvalidParameter and so on. */
export class SnsError extends Error {
  override readonly name = 'SnsError'
  constructor(
    readonly code: string,
    message: string,
    readonly statusCode: 400 | 404 = 400,
  ) {
    super(message)
  }
}

/** The message of a Publish request. */
export function readMessage(form: URLSearchParams): Message {
  return messageAt(form, '')
}

/** The messages of a PublishBatch request, in order. */
export function readEntries(form: URLSearchParams): readonly BatchEntry[] {
  return members(form, 'PublishBatchRequestEntries.member', 'Id').map(({ prefix, value }) => ({
    id: value,
    message: messageAt(form, prefix),
  }))
}

/** The response to one published message. */
export function publishResponse(messageId: string): string {
  return response('Publish', messageIdElement(messageId))
}

/** The response to a batch whose entries were all accepted. */
export function publishBatchResponse(
  published: readonly { readonly id: string; readonly messageId: string }[],
): string {
  const entries = published.map(
    ({ id, messageId }) => `<member><Id>${escape(id)}</Id>${messageIdElement(messageId)}</member>`,
  )
  return response('PublishBatch', `<Successful>${entries.join('')}</Successful><Failed/>`)
}

/** The response to a refused request. */
export function errorResponse({ code, message }: SnsError): string {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escape(message)}</Message></Error>`
  return `<ErrorResponse ${namespace}>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`
}

const namespace = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"'

function messageAt(form: URLSearchParams, prefix: string): Message {
  const attributes = members(form, `${prefix}MessageAttributes.entry`, 'Name').map((attribute) => [
    attribute.value,
    readAttribute(form, attribute.prefix),
  ])
  return {
    body: form.get(`${prefix}Message`) ?? '',
    subject: form.get(`${prefix}Subject`),
    attributes: Object.fromEntries(attributes) as Record<string, MessageAttribute>,
  }
}

function readAttribute(form: URLSearchParams, prefix: string): MessageAttribute {
  return {
    Type: form.get(`${prefix}Value.DataType`) ?? '',
    Value: form.get(`${prefix}Value.StringValue`) ?? form.get(`${prefix}Value.BinaryValue`) ?? '',
  }
}

interface Member {
  readonly prefix: string
  readonly value: string
}

/** A list in a form: `list.1.key`, `list.2.key` and so on, up to the first missing number. */
function members(form: URLSearchParams, list: string, key: string): readonly Member[] {
  const found: Member[] = []
  for (;;) {
    const prefix = `${list}.${found.length + 1}.`
    const value = form.get(prefix + key)
    if (value === null) return found
    found.push({ prefix, value })
  }
}

function response(action: string, result: string): string {
  const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`
  return `<${action}Response ${namespace}><${action}Result>${result}</${action}Result>${metadata}</${action}Response>`
}

function messageIdElement(messageId: string): string {
  return `<MessageId>${messageId}</MessageId>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
