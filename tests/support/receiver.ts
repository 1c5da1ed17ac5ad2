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

/** A receiver as `default` makes it, of an open stage, which throws at what is to be logged, read or replayed. A test says what differs. */
export function receiverOf(
  { clients, sessions, subscriptions }: Pick<ClientsTable, 'clients' | 'sessions' | 'subscriptions'>,
  changed: Partial<Receiver> = {},
): Receiver {
  return {
    clients,
    sessions,
    subscriptions,
    announce: unexpected,
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

/** A message as the receiver gets it; what is no text is sent as JSON. */
export function parseMessage(message: unknown): ClientMessage {
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  return parseClientMessage(text, { maxIdBytes: limits.maxOperationIdBytes })
}
