import type { Server } from 'node:tls'
import type { AttributeMap, AttributeValue } from '../lib/clients/attribute-values'
import { operationHash, type SharedOperation } from '../lib/clients/items'
import { subscriptionId } from '../lib/clients/keys'
import type { OperationId } from '../lib/protocol/client-message'

/** What is measured: everyone listens to one chat, in the way of the README's walkthrough, with Apollo Client's protocol. */
export const query = 'subscription Subscription { chat(chatId: "bench") }'
export const eventText = 'Bonjour à tous, comment allez-vous aujourd’hui ?'

/** Tells the stand-ins how to behave from now on; they answer with what there was until now. */
export interface StandInCommand {
  readonly delayMs: number
  readonly slow?: string
  readonly gone?: string
  readonly throttleAbovePerSecond?: number
}

export interface StandInReport {
  /** Connections that got a frame. */
  readonly served: number
  readonly posts: number
  readonly calls: Readonly<Record<string, number>>
  readonly readUnits: number
}

/** How API Gateway's connection ids look. */
export function connectionIdOf(n: number): string {
  return `L0SM9c${n.toString(36).padStart(6, '0')}CIhw=`
}

export function sharedOperation(callbackUrl: string): SharedOperation {
  return { callbackUrl, dialect: 'legacy', request: { query, variables: {}, operationName: null } }
}

export function operationIdAt(n: number): OperationId {
  return String(1 + (n % 9)) as OperationId
}

interface Page {
  /** The connection id that the page before ended with. */
  readonly after: string | undefined
  readonly json: string
  readonly readUnits: number
}

/** `Query` returns at most 1 MB of items, as they are stored ("Query", API reference). */
const maxPageBytes = 1_048_576
const pagesOf = new Map<string, readonly Page[]>()

/** The index pages of the topic `bench#<subscribers>`. Any other has no subscribers. */
export function indexPages(topic: string, whose: 'project' | 'library'): readonly Page[] {
  const key = `${whose} ${topic}`
  const known = pagesOf.get(key) ?? makePages(topic, whose)
  pagesOf.set(key, known)
  return known
}

export function topicOf(subscribers: number): string {
  return `bench#${subscribers}`
}

/** All that this project's index holds of a subscription. */
export function indexRow(n: number) {
  return {
    connectionId: { S: connectionIdOf(n) },
    id: { S: subscriptionId(operationIdAt(n)) },
    operation: { S: operationName },
    ttl: { N: '4102444800' },
  }
}

/** As long as the real ones; whose it is does not matter, since all share it. */
const operationName = operationHash(sharedOperation('https://localhost/dev'))

/** What graphql-lambda-subscriptions stores of a subscription, all of which its index holds. */
function libraryRow(n: number, topic: string) {
  const connectionId = connectionIdOf(n)
  const subscriptionId = operationIdAt(n)
  return {
    id: { S: `${connectionId}|${subscriptionId}` },
    topic: { S: topic },
    filter: { M: {} },
    subscriptionId: { S: subscriptionId },
    subscription: { M: { query: { S: query }, variables: { M: {} }, operationName: { S: 'Subscription' } } },
    connectionId: { S: connectionId },
    connectionInitPayload: { M: {} },
    requestContext: {
      M: {
        apiId: { S: 'abcdefghij' },
        connectedAt: { N: '1763877600000' },
        connectionId: { S: connectionId },
        domainName: { S: 'abcdefghij.execute-api.us-east-1.amazonaws.com' },
        eventType: { S: 'MESSAGE' },
        extendedRequestId: { S: 'JKJaXmPLvHcESHA=' },
        messageDirection: { S: 'IN' },
        messageId: { S: 'JKJaXe1mPHcCJaQ=' },
        requestId: { S: 'JKJaXmPLvHcESHA=' },
        requestTime: { S: '23/Nov/2026:06:00:00 +0000' },
        requestTimeEpoch: { N: '1763877600000' },
        routeKey: { S: '$default' },
        stage: { S: 'dev' },
      },
    },
    ttl: { N: '4102444800' },
  }
}

type Row = Readonly<Record<string, AttributeValue>> & { readonly connectionId: { readonly S: string } }

function makePages(topic: string, whose: 'project' | 'library'): readonly Page[] {
  const count = Number(/^bench#(\d+)$/.exec(topic)?.[1] ?? 0)
  const pages: Page[] = []
  let items: Row[] = []
  let bytes = 0
  let after: string | undefined
  for (let n = 0; n < count; n++) {
    const item: Row = whose === 'project' ? indexRow(n) : libraryRow(n, topic)
    items.push(item)
    bytes += mapBytes({ ...item, topic: { S: topic } })
    if (bytes < maxPageBytes && n < count - 1) continue
    const LastEvaluatedKey = n < count - 1 ? { connectionId: item.connectionId, topic: { S: topic } } : undefined
    const json = JSON.stringify({ Items: items, Count: items.length, ScannedCount: items.length, LastEvaluatedKey })
    pages.push({ after, json, readUnits: Math.ceil(bytes / 4096) / 2 })
    after = item.connectionId.S
    items = []
    bytes = 0
  }
  return pages
}

/** "DynamoDB item sizes and formats". */
function mapBytes(attributes: AttributeMap): number {
  return Object.entries(attributes).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0)
}

function valueBytes(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S)
  if ('N' in value) return Math.ceil(value.N.length / 2) + 1
  if ('M' in value) return 3 + Object.keys(value.M).length + mapBytes(value.M)
  if ('L' in value) return value.L.reduce((sum, element) => sum + 1 + valueBytes(element), 3)
  return 1
}

/** The subscription's main item, whose callback URL is the stand-in itself. */
export function tableItem(server: Server): string {
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const callbackUrl = `https://localhost:${port}/dev`
  return JSON.stringify({
    Item: {
      topic: { S: 'bench' },
      operation: { S: operationName },
      callbackUrl: { S: callbackUrl },
      dialect: { S: 'legacy' },
      query: { S: query },
      variables: { S: '{}' },
      operationName: { NULL: true },
    },
  })
}
