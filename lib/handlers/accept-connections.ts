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
 * Makes the handler of `$connect`, which registers the client before its first message can come. A token may come now, or with
 * `connection_init`.
 *
 * @param identity as `defineApi` has it; a file of its own for it keeps the schema out of this function, which every connection waits for
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
    if (!originAllowed(headers, allowedOrigins)) {
      await reportRefusal('A page was refused: its origin is not one of the stage.', { origin: originOf(headers) })
      return { statusCode: 403 }
    }
    const subprotocol = chooseSubprotocol(headers)
    if (subprotocol === 'unsupported') {
      // Not which: some put a token there.
      await reportRefusal('A client was refused: it offers no sub-protocol that is spoken here.')
      return { statusCode: 400 }
    }
    const admission = await access.admit(tokenOfRequest({ headers, queryStringParameters }))
    if (admission.kind === 'refused') return { statusCode: 401 }
    const accepted = { statusCode: 200, ...(subprotocol && { headers: { 'Sec-WebSocket-Protocol': subprotocol } }) }
    if (admission.kind === 'undecided') {
      // graphql-ws gives up at a handshake that fails. As nobody is registered, its connection is closed half a minute after its first message.
      return subprotocol === 'graphql-transport-ws' ? accepted : { statusCode: 503 }
    }
    const identity = admission.kind === 'identified' ? admission.identity : undefined
    const { connectionId, connectedAt: connectedAtMs } = requestContext
    await clients.register({ connectionId, callbackUrl, subprotocol, connectedAtMs, identity, keptAlive })
    return accepted
  }
}
