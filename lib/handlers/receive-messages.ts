import { contexts } from '../api/contexts'
import type { Api } from '../api/define-api'
import { readAccess } from '../authentication/access'
import { createClients } from '../clients/clients'
import { createStoredSubscriptions } from '../clients/stored-subscriptions'
import { required } from '../environment'
import { createCloseLater } from '../gateway/close-later'
import { deliverAnswer } from '../gateway/deliver-answer'
import type { MessageEvent, RouteResponse } from '../gateway/events'
import { createLogReader } from '../history/read'
import { countingClients } from '../observability/counting-clients'
import { logMaskedError } from '../observability/logger'
import { documentRules, readDocumentLimits } from '../operations/document-rules'
import { createOperations } from '../operations/execute'
import { parseClientMessage } from '../protocol/client-message'
import { answerFailure, answerSafely } from '../receive/answer-safely'
import { readLimits } from '../receive/limits'
import { announce, clientsTable, closings, connections, messagesTable, sessions, snsTopics } from '../resources'

/** Creates the handler of `$default`, which receives every message of a client. */
export function receiveMessages({
  schema,
  channels,
  context,
  eventContext,
  identity,
}: Api): (event: MessageEvent) => Promise<RouteResponse> {
  const callbackUrl = required('CALLBACK_URL')
  const closeLater = createCloseLater(closings())
  const limits = readLimits()
  const hasRooms = [...channels.values()].some(({ reconcile }) => reconcile)
  const maxStops = 2 * limits.maxSubscriptions
  const receiver = {
    clients: countingClients(createClients({ table: clientsTable(), maxStops, ...(hasRooms && { announce }) })),
    subscriptions: createStoredSubscriptions({ table: clientsTable() }),
    sessions: sessions(),
    operations: createOperations({ schema, onError: logMaskedError, limits: documentRules(readDocumentLimits()) }),
    contextFor: contexts(context),
    eventContext,
    history: createLogReader({ table: messagesTable() }),
    requestReplay: snsTopics().to(required('LEFTOVERS_TOPIC_ARN')),
    access: readAccess({ identity }),
    limits,
  }

  return async ({ body, isBase64Encoded, requestContext }) => {
    const { connectionId, requestTimeEpoch: receivedAtMs } = requestContext
    const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '')
    const message = parseClientMessage(text, { maxIdBytes: limits.maxOperationIdBytes })
    const answer = await answerSafely({ connectionId, message, receivedAtMs }, receiver)
    const onFailure = (error: Error) => answerFailure(error, message)
    return deliverAnswer(answer, { callbackUrl, connectionId, connections: connections(), closeLater, onFailure })
  }
}
