import { setTimeout as sleep } from 'node:timers/promises'
import { parseWireEvent } from '../../lib/channels/wire'
import { type Connections, createConnections } from '../../lib/gateway/connections'
import { createLateMarks } from '../../lib/history/late-marks'
import { createLogReader } from '../../lib/history/read'
import { createOperations } from '../../lib/operations/execute'
import { type Assignment, assignmentOf, parseHandedOn } from '../../lib/publisher/assignment'
import type { Times } from '../../lib/publisher/publish'
import type { Publisher } from '../../lib/publisher/publisher'
import { createRefusalRate } from '../../lib/publisher/refusal-rate'
import type { Replayer } from '../../lib/publisher/replay'
import { readPublisherSettings } from '../../lib/publisher/settings'
import { createTokenBucket } from '../../lib/publisher/token-bucket'
import { api } from '../fixture/api'
import type { ClientsTable } from './clients-table'
import type { MessagesTable } from './messages-table'

/** The parts of a publisher that execute operations of the fixture API. */
const executing = {
  operations: createOperations({ schema: api.schema, onError: () => undefined }),
  channels: api.channels,
  eventContext: api.eventContext,
  clock: { now: Date.now, pause: sleep },
}

function unexpected(message: unknown): never {
  throw new Error(`A test without anything left over has left ${JSON.stringify(message)}.`)
}

type Delivering = Pick<Publisher, 'deliver'>

/**
 * A publisher like that of `publish`. It throws if it writes to the log, closes a connection, hands on or gives up. The
 * test sets `deliver`, and may replace any other part.
 */
export function publisherOf(
  { subscribers, subscriptions, sessions }: Pick<ClientsTable, 'subscribers' | 'subscriptions' | 'sessions'>,
  changed: Delivering & Partial<Publisher>,
): Publisher {
  return {
    ...executing,
    subscribers,
    subscriptions,
    sessions,
    lateMarks: { put: () => Promise.reject(new Error('Nothing here is logged.')) },
    latestEvents: { isSuperseded: () => Promise.reject(new Error('No channel here is ordered.')) },
    refusalRate: createRefusalRate(),
    settings: readPublisherSettings({}),
    close: unexpected,
    handOn: unexpected,
    giveUp: unexpected,
    ...changed,
  }
}

/**
 * A replayer on the tables of a test. It throws if it closes a connection or hands on. The test sets `deliver`, and may
 * replace any other part.
 */
export function replayerOf(
  { clients, messages }: { readonly clients: ClientsTable; readonly messages: Pick<MessagesTable, 'table'> },
  changed: Delivering & Partial<Replayer>,
): Replayer {
  return {
    ...executing,
    subscriptions: clients.subscriptions,
    sessions: clients.sessions,
    log: createLogReader(messages),
    lateMarks: createLateMarks({ ...messages, ttlSeconds: 3_600 }),
    bucket: createTokenBucket({ ...readPublisherSettings({}), now: Date.now }),
    close: unexpected,
    handOn: unexpected,
    ...changed,
  }
}

/** The client of @connections that the functions use. The caller destroys it. */
export function startSender(maxConnections = 5): Connections {
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
  return createConnections({
    region: 'us-east-1',
    credentials: () => credentials,
    maxConnections,
    connectTimeoutMs: 2_000,
    responseTimeoutMs: 2_000,
  })
}

/** Parses an event of the fixture API in wire format. @returns the assignment to deliver it to all subscribers */
export function publicationOf(event: unknown, publishedAtMs = Date.now()): Assignment {
  return assignmentOf(parseWireEvent(event, api.channels, 'the id of the message'), publishedAtMs)
}

/** The time limits of an invocation that may start posts for `forMs` milliseconds and ends 5 s later. */
export function timesOf(forMs: number, nowMs = Date.now()): Times {
  return { deadlineMs: nowMs + forMs, endMs: nowMs + forMs + 5_000 }
}

/** Serialises a message that was handed on and parses it as the next publisher does. Throws if it has no event. */
export function throughSns(message: unknown): Assignment {
  const task = parseHandedOn(JSON.parse(JSON.stringify(message)))
  if (task && 'event' in task) return task
  throw new Error(`This is no part of a publication: ${JSON.stringify(message)}`)
}
