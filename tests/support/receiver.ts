import { createAccess } from '../../lib/authentication/access'
import { documentRules, readDocumentLimits } from '../../lib/operations/document-rules'
import { createOperations } from '../../lib/operations/execute'
import { type ClientMessage, parseClientMessage } from '../../lib/protocol/client-message'
import { readLimits } from '../../lib/receive/limits'
import type { Receiver } from '../../lib/receive/receiver'
import { api, type FixtureContext } from '../fixture/api'
import type { ClientsTable } from './clients-table'

const limits = readLimits({})

const operations = createOperations({
  schema: api.schema,
  limits: documentRules(readDocumentLimits({})),
  onError: (error) => {
    throw error
  },
})

const context: FixtureContext = { identity: undefined, publish: unexpected, read: unexpected }

function unexpected(...asked: readonly unknown[]): never {
  throw new Error(`A test that only stores has asked for ${JSON.stringify(asked)}.`)
}

/**
 * A receiver like that of `default` on an open stage. It throws if it publishes, reads the log or requests a replay.
 * The test may replace any part.
 */
export function receiverOf(
  { clients, sessions, subscriptions }: Pick<ClientsTable, 'clients' | 'sessions' | 'subscriptions'>,
  changed: Partial<Receiver> = {},
): Receiver {
  return {
    clients,
    sessions,
    subscriptions,
    operations,
    contextFor: () => context,
    eventContext: api.eventContext,
    history: { tail: unexpected, keepsFrom: unexpected, sequenceBefore: unexpected },
    access: createAccess({ required: false, verify: undefined }),
    limits,
    requestReplay: unexpected,
    ...changed,
  }
}

/**
 * Parses a message as the receiver gets it. A string is the text of the frame; any other value is serialised as JSON.
 */
export function parseMessage(message: unknown): ClientMessage {
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  return parseClientMessage(text, { maxIdBytes: limits.maxOperationIdBytes })
}
