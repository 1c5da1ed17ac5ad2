import type { Api } from '../api/define-api'
import { readAccess } from '../authentication/access'
import { tokenOfRequest } from '../authentication/find-token'
import { originAllowed, originOf } from '../authentication/origins'
import { reportRefusal } from '../authentication/report-refusal'
import { createClients } from '../clients/clients'
import { required, trueOrFalse } from '../environment'
import type { ConnectEvent, RouteResponse } from '../gateway/events'
import { chooseSubprotocol } from '../protocol/subprotocol'
import { clientsTable } from '../resources'

/**
 * Creates the handler of `$connect`. It registers the client before its first message can arrive. The client may send
 * its token here or with `connection_init`.
 *
 * @param identity the same as in `defineApi`; keep it in a file of its own, so that this function, for which every
 * connection waits, does not load the schema
 */
export function acceptConnections({ identity: keepClaims }: Partial<Pick<Api, 'identity'>> = {}): (
  event: ConnectEvent,
) => Promise<RouteResponse> {
  const clients = createClients({ table: clientsTable() })
  const access = readAccess({ identity: keepClaims })
  const allowedOrigins = required('ALLOWED_ORIGINS')
  const callbackUrl = required('CALLBACK_URL')
  const keptAlive = trueOrFalse('KEEP_ALIVE', { byDefault: false })

  return async ({ headers, queryStringParameters, requestContext }) => {
    const { connectionId, connectedAt: connectedAtMs } = requestContext
    if (!originAllowed(headers, allowedOrigins)) {
      const origin = originOf(headers)
      await reportRefusal('A page was refused: its origin is not one of the stage.', { connectionId, origin })
      return { statusCode: 403 }
    }
    const subprotocol = chooseSubprotocol(headers)
    if (subprotocol === 'unsupported') {
      // Its name is not logged: some clients put a token there.
      await reportRefusal('A client was refused: it offers no sub-protocol that is spoken here.', { connectionId })
      return { statusCode: 400 }
    }
    const admission = await access.admit(tokenOfRequest({ headers, queryStringParameters }), { connectionId })
    if (admission.kind === 'refused') return { statusCode: 401 }
    const accepted = { statusCode: 200, ...(subprotocol && { headers: { 'Sec-WebSocket-Protocol': subprotocol } }) }
    if (admission.kind === 'undecided') {
      // graphql-ws gives up if the handshake fails. Its connection is not registered, so it is closed about 30 s after
      // its first message.
      return subprotocol === 'graphql-transport-ws' ? accepted : { statusCode: 503 }
    }
    const identity = admission.kind === 'identified' ? admission.identity : undefined
    await clients.register({ connectionId, callbackUrl, subprotocol, connectedAtMs, identity, keptAlive })
    return accepted
  }
}
