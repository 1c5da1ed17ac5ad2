import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SNSEventRecord } from 'aws-lambda'
import * as query from './sns-query'
import { SnsError, type BatchEntry, type Message } from './sns-query'
import { listen, readBody, type StandIn } from './stand-in'
import { messageOf } from '../errors'

/** Amazon SNS, "Publish": the limit for a message with its attributes, and for a whole batch. */
const maxBytes = 256 * 1024

/** Amazon SNS, "PublishBatch". */
const maxBatchEntries = 10

/**
 * The event that Lambda passes to a function subscribed to a topic ("Using Lambda with Amazon SNS"): always one record.
 */
export interface SnsEvent {
  readonly Records: readonly [SnsRecord]
}

interface SnsRecord extends Omit<SNSEventRecord, 'Sns'> {
  /** `@types/aws-lambda` omits Subject if a message has none; AWS sends null. */
  readonly Sns: Omit<SNSEventRecord['Sns'], 'Subject'> & { readonly Subject: string | null }
}

export interface Subscription {
  readonly topicArn: string
  readonly functionName: string
}

export interface SnsOptions {
  /** 0 means any free port. */
  readonly port: number
  /** ARNs. A topic also exists without subscriptions. */
  readonly topics: readonly string[]
  readonly subscriptions: readonly Subscription[]
  /** Runs a function once. Rejects if the function fails. */
  readonly invoke: (functionName: string, event: SnsEvent) => Promise<void>
  /** Pauses before the retries. Lambda retries an asynchronous invocation twice, after one and two minutes. */
  readonly retryDelaysMs?: readonly number[]
  readonly log?: (line: string) => void
}

/**
 * Starts a stand-in for Amazon SNS on `port`. It responds to Publish and PublishBatch, then delivers each message to
 * the functions subscribed to its topic, in no particular order. A failed delivery is retried twice; then the message
 * is dropped and logged. It refuses an unknown topic (NotFound), a message that is empty or larger than 256 KiB
 * (InvalidParameter) and any other action (InvalidAction). Closing it abandons the deliveries under way.
 *
 * serverless-offline-sns does not fit: it imports every handler into a single process and swaps `process.env` around
 * each call, so two functions with the same handler run in each other's environment if a message reaches both at once.
 */
export async function startSns(options: SnsOptions): Promise<StandIn> {
  const closing = new AbortController()
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        const answer = handle(options, new URLSearchParams(body))
        response.writeHead(answer.statusCode, { 'content-type': 'text/xml' })
        response.end(answer.xml)
        for (const accepted of answer.accepted) deliver({ ...options, closing: closing.signal }, accepted)
      },
      () => response.destroy(), // the client disconnected before it had sent everything
    )
  })
  const standIn = await listen(server, options.port)
  const close = (): Promise<void> => {
    closing.abort()
    return standIn.close()
  }
  return { ...standIn, close }
}

interface Accepted {
  readonly topicArn: string
  readonly messageId: string
  readonly message: Message
}

interface Answer {
  readonly statusCode: number
  readonly xml: string
  readonly accepted: readonly Accepted[]
}

function handle({ topics }: SnsOptions, form: URLSearchParams): Answer {
  try {
    return publish(topics, form)
  } catch (error) {
    if (!(error instanceof SnsError)) throw error
    return { statusCode: error.statusCode, xml: query.errorResponse(error), accepted: [] }
  }
}

function publish(topics: readonly string[], form: URLSearchParams): Answer {
  const action = form.get('Action')
  const topicArn = form.get('TopicArn') ?? ''
  const accept = (message: Message): Accepted => ({ topicArn, message, messageId: randomUUID() })
  switch (action) {
    case 'Publish': {
      const message = query.readMessage(form)
      checkTopic(topics, topicArn)
      checkMessage(message)
      const accepted = accept(message)
      return { statusCode: 200, xml: query.publishResponse(accepted.messageId), accepted: [accepted] }
    }
    case 'PublishBatch': {
      const entries = query.readEntries(form)
      checkTopic(topics, topicArn)
      checkBatch(entries)
      const published = entries.map(({ id, message }) => ({ id, ...accept(message) }))
      return { statusCode: 200, xml: query.publishBatchResponse(published), accepted: published }
    }
    default:
      throw new SnsError('InvalidAction', `The action ${String(action)} is not valid for this web service.`)
  }
}

function checkTopic(topics: readonly string[], topicArn: string): void {
  if (!topics.includes(topicArn)) throw new SnsError('NotFound', 'Topic does not exist', 404)
}

function checkMessage(message: Message): void {
  if (message.body === '') throw new SnsError('InvalidParameter', 'Invalid parameter: Empty message')
  if (size(message) > maxBytes) throw new SnsError('InvalidParameter', 'Invalid parameter: Message too long')
}

function checkBatch(entries: readonly BatchEntry[]): void {
  if (entries.length === 0) throw new SnsError('EmptyBatchRequest', 'The batch request contains no entries.')
  if (entries.length > maxBatchEntries) {
    throw new SnsError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.')
  }
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    throw new SnsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.')
  }
  const total = entries.reduce((sum, { message }) => sum + size(message), 0)
  if (total > maxBytes)
    throw new SnsError('BatchRequestTooLong', 'The length of all the batch messages is over the limit.')
  for (const { message } of entries) checkMessage(message)
}

function size({ body, attributes }: Message): number {
  const attributeTexts = Object.entries(attributes).flatMap(([name, { Type, Value }]) => [name, Type, Value])
  return [body, ...attributeTexts].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}

interface DeliveryOptions extends SnsOptions {
  readonly closing: AbortSignal
}

function deliver(options: DeliveryOptions, accepted: Accepted): void {
  for (const subscription of options.subscriptions) {
    if (subscription.topicArn === accepted.topicArn) void deliverTo(options, subscription, accepted)
  }
}

/** Never rejects: no caller awaits it. */
async function deliverTo(options: DeliveryOptions, { functionName }: Subscription, accepted: Accepted): Promise<void> {
  const { invoke, closing, retryDelaysMs = [500, 1000], log = console.error } = options
  const event: SnsEvent = { Records: [toRecord(accepted)] }
  let reason = ''
  for (const delayMs of [0, ...retryDelaysMs]) {
    try {
      if (delayMs > 0) await sleep(delayMs, undefined, { signal: closing })
      await invoke(functionName, event)
      return
    } catch (error) {
      if (closing.aborted) return
      reason = messageOf(error)
    }
  }
  log(
    `SNS: message ${accepted.messageId} was dropped: ${functionName} failed ${retryDelaysMs.length + 1} times: ${reason}`,
  )
}

function toRecord({ topicArn, messageId, message }: Accepted): SnsRecord {
  return {
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: `${topicArn}:${randomUUID()}`,
    Sns: {
      Type: 'Notification',
      MessageId: messageId,
      TopicArn: topicArn,
      Subject: message.subject,
      Message: message.body,
      Timestamp: new Date().toISOString(),
      SignatureVersion: '1',
      Signature: 'local',
      SigningCertUrl: 'http://localhost/local.pem',
      UnsubscribeUrl: 'http://localhost/?Action=Unsubscribe',
      MessageAttributes: message.attributes,
    },
  }
}
