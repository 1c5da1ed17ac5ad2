import type { AttributeMap } from '../../lib/aws/attribute-values'
import { itemBytes } from '../dynamodb/item-bytes'
import { readUnits } from '../dynamodb/units'
import { roomOf } from '../model'
import { lambdaGraphqlRow, lambdaSubscriptionsRow, projectRow, realDomainName } from './rows'

/** A page of a `Query`, ready to send. */
export interface Page {
  readonly json: string
  readonly readUnits: number
  /** The start of the next page; undefined on the last one. */
  readonly next: string | undefined
}

/** `Query` returns at most 1 MB of items, by their stored size before filtering ("Query", API reference). */
const maxPageBytes = 1_048_576

interface Source {
  readonly count: number
  /** The stored row, and its text in the response: none if a filter drops it. */
  readonly row: (n: number) => {
    readonly bytes: number
    readonly answered: AttributeMap | undefined
    key: AttributeMap
  }
  readonly maxRows?: number
}

export interface SubscriptionPages {
  /** This project's index `topic`. */
  project(topic: string, start: AttributeMap | undefined): Page
  /** The index `TopicIndex` of graphql-lambda-subscriptions, with its filter. */
  lambdaSubscriptions(topic: string, start: AttributeMap | undefined): Page
  /** The table `Subscriptions` of aws-lambda-graphql, which it reads in pages of 50. */
  lambdaGraphql(topic: string, start: AttributeMap | undefined): Page
}

/**
 * Each page is created once, when its topic is first requested. @param domainName the destination of posts, which rows
 * of the libraries contain
 */
export function createSubscriptionPages(domainName: string): SubscriptionPages {
  return {
    project: remembered(projectSource),
    lambdaSubscriptions: remembered((topic) => lambdaSubscriptionsSource(topic, domainName)),
    lambdaGraphql: remembered((topic) => lambdaGraphqlSource(topic, domainName)),
  }
}

function remembered(sourceOf: (topic: string) => Source) {
  const known = new Map<string, ReadonlyMap<string, Page>>()
  return (topic: string, start: AttributeMap | undefined) => {
    const pages = known.get(topic) ?? makePages(sourceOf(topic))
    known.set(topic, pages)
    return pages.get(start ? nameOf(start) : '') ?? { json: '{"Items":[],"Count":0}', readUnits: 0.5, next: undefined }
  }
}

/** Subscribers of one language listen to its topic; its pages contain no others. */
function projectSource(topic: string): Source {
  const { room, language } = roomOf(topic)
  const isForAll = room.wanting === room.listeners
  const count = isForAll === (language === undefined) ? room.wanting : 0
  return {
    count,
    row: (n) => {
      const answered = projectRow(n)
      const { connectionId, id } = answered
      return {
        answered,
        bytes: itemBytes({ ...answered, topic: { S: topic } }),
        key: { topic: { S: topic }, connectionId, id },
      }
    },
  }
}

function lambdaSubscriptionsSource(topic: string, domainName: string): Source {
  const { room } = roomOf(topic)
  return {
    count: room.listeners,
    row: (n) => {
      const isWanting = wants(n, room)
      const row = lambdaSubscriptionsRow({ n, topic, isWanting, domainName })
      const bytes = itemBytes(lambdaSubscriptionsRow({ n, topic, isWanting, domainName: realDomainName }))
      return { bytes, answered: isWanting ? row : undefined, key: pick(row, ['id', 'topic']) }
    },
  }
}

function lambdaGraphqlSource(topic: string, domainName: string): Source {
  const { room } = roomOf(topic)
  return {
    count: room.listeners,
    maxRows: 50,
    row: (n) => {
      const isWanting = wants(n, room)
      const row = lambdaGraphqlRow({ n, topic, isWanting, domainName })
      const bytes = itemBytes(lambdaGraphqlRow({ n, topic, isWanting, domainName: realDomainName }))
      return { bytes, answered: row, key: pick(row, ['event', 'subscriptionId']) }
    },
  }
}

/** The subscribers that want the event are spread evenly. */
function wants(n: number, { wanting, listeners }: { readonly wanting: number; readonly listeners: number }): boolean {
  return n % Math.ceil(listeners / wanting) === 0
}

function makePages({ count, row, maxRows = Infinity }: Source): ReadonlyMap<string, Page> {
  const pages = new Map<string, Page>()
  let from = ''
  let items: AttributeMap[] = []
  let [rows, bytes] = [0, 0]
  for (let n = 0; n < count; n++) {
    const { answered, key, ...stored } = row(n)
    if (answered) items.push(answered)
    rows++
    bytes += stored.bytes
    const isLast = n === count - 1
    if (bytes < maxPageBytes && rows < maxRows && !isLast) continue
    // With a limit, DynamoDB detects the end only on the next request.
    const LastEvaluatedKey = isLast && rows < maxRows ? undefined : key
    const json = JSON.stringify({ Items: items, Count: items.length, ScannedCount: rows, LastEvaluatedKey })
    const next = LastEvaluatedKey && nameOf(LastEvaluatedKey)
    pages.set(from, { json, readUnits: readUnits(bytes, false), next })
    from = next ?? from
    items = []
    ;[rows, bytes] = [0, 0]
  }
  return pages
}

function nameOf(key: AttributeMap): string {
  return Object.entries(key)
    .map(([name, value]) => `${name}=${'S' in value ? value.S : ''}`)
    .sort()
    .join(' ')
}

function pick(item: AttributeMap, names: readonly string[]): AttributeMap {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)))
}
