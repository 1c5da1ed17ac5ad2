import { setTimeout as sleep } from 'node:timers/promises'
import { parseWireEvent } from '../../lib/channels/wire'
import { createLateReadings } from '../../lib/history/late-readings'
import { createLogReader } from '../../lib/history/read'
import { createOperations } from '../../lib/operations/execute'
import { type Assignment, assignmentOf, parseHandedOn } from '../../lib/publisher/assignment'
import type { Publisher } from '../../lib/publisher/publisher'
import type { Replayer } from '../../lib/publisher/replay'
import type { Responder } from '../../lib/publisher/response-frame'
import { readPublisherSettings } from '../../lib/publisher/settings'
import { api } from '../fixture/api'
import type { ClientsTable } from './clients-table'
import type { MessagesTable } from './messages-table'

/** Executes operations of the fixture API against its events. */
export const responder: Responder = {
  operations: createOperations({ schema: api.schema, onError: () => undefined }),
  channels: api.channels,
  eventContext: api.eventContext,
}

const clock = { now: Date.now, pause: sleep }

/** A publisher of events that are not logged, which leaves nothing over, unless a test says otherwise. */
export function testPublisher(
  { subscribers, sessions }: Pick<ClientsTable, 'subscribers' | 'sessions'>,
  own: Pick<Publisher, 'deliver'> & Partial<Publisher>,
): Publisher {
  return {
    ...responder,
    subscribers,
    sessions,
    lateReadings: { note: () => Promise.reject(new Error('Nothing here is logged.')) },
    settings: readPublisherSettings({}),
    clock,
    handOn: unexpected,
    giveUp: unexpected,
    ...own,
  }
}

/** A replayer that has time enough, unless a test says otherwise. */
export function testReplayer(
  { clients, messages }: { readonly clients: ClientsTable; readonly messages: Pick<MessagesTable, 'table'> },
  own: Pick<Replayer, 'deliver'> & Partial<Replayer>,
): Replayer {
  return {
    ...responder,
    subscriptions: clients.heldSubscriptions,
    sessions: clients.sessions,
    log: createLogReader(messages),
    lateReadings: createLateReadings({ ...messages, ttlSeconds: 3_600 }),
    clock,
    maxAttempts: 2,
    handOn: unexpected,
    ...own,
  }
}

/** The whole work of an event, as it comes from the wire. */
export function publicationOf(event: unknown, publishedAtMs = Date.now()): Assignment {
  return assignmentOf(parseWireEvent(event, api.channels, 'an id of the message'), publishedAtMs)
}

/** What has been handed on as the next publisher gets it. */
export function throughSns(message: unknown): Assignment {
  const task = parseHandedOn(JSON.parse(JSON.stringify(message)))
  if (!task || 'replay' in task) throw new Error(`This is no part of a publication: ${JSON.stringify(message)}`)
  return task
}

function unexpected(message: unknown): Promise<never> {
  return Promise.reject(new Error(`Nothing should be left over, but this is: ${JSON.stringify(message)}`))
}
