import { createAccess } from '../../lib/authentication/access'
import { documentRules, readDocumentLimits } from '../../lib/operations/document-rules'
import { createOperations } from '../../lib/operations/execute'
import { type ClientMessage, parseClientMessage } from '../../lib/protocol/client-message'
import { readLimits } from '../../lib/receive/limits'
import type { Receiver } from '../../lib/receive/receiver'
import { api, type FixtureContext } from '../fixture/api'
import type { ClientsTable } from './clients-table'

export const limits = readLimits({})

const operations = createOperations({
  schema: api.schema,
  limits: documentRules(readDocumentLimits({})),
  onError: (error) => {
    throw error
  },
})

const context: FixtureContext = {
  identity: undefined,
  publish: () => Promise.reject(new Error('Nothing is to be published.')),
  read: () => Promise.reject(new Error('Nothing is to be read.')),
}

/** Answers messages to the fixture API, on an open stage where nothing is to be replayed, unless a test says otherwise. */
export function testReceiver(
  { clients, sessions }: Pick<ClientsTable, 'clients' | 'sessions'>,
  own: Partial<Receiver> = {},
): Receiver {
  const nothingLogged = () => Promise.reject(new Error('No log is to be read.'))
  return {
    clients,
    sessions,
    operations,
    contextFor: () => context,
    eventContext: api.eventContext,
    history: { tail: nothingLogged, keepsFrom: nothingLogged },
    access: createAccess({ required: false, verify: undefined }),
    limits,
    requestReplay: () => Promise.reject(new Error('Nothing is to be replayed.')),
    ...own,
  }
}

/** A message as the receiver gets it. */
export function parseMessage(message: unknown): ClientMessage {
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  return parseClientMessage(text, { maxIdBytes: limits.maxOperationIdBytes })
}
