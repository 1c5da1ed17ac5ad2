import type { Client } from '../clients/client'
import { sessionName } from '../clients/sessions'
import type { JsonObject } from '../operations/request'
import { tokenOfPayload } from '../authentication/find-token'
import { longestClientId, type Reason, reasons } from '../authentication/reasons'
import type { Identity } from '../identity'
import type { ReceivedInit, Receiver } from './receiver'

export type ConnectionAdmission =
  /**
   * `identity` is undefined if the message has no token and needs none: `$connect` had one, or the stage is open.
   * `session` is set if the message has a `clientId`.
   */
  | { readonly kind: 'admitted'; readonly identity: Identity | undefined; readonly session: string | undefined }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly client: Client | undefined }
  /** The token cannot be verified at the moment, or the one in `$connect` could not be. */
  | { readonly kind: 'undecided'; readonly client: Client | undefined }

/**
 * Decides whether a `connection_init` is accepted. On an open stage it reads nothing, unless the message has a
 * `clientId`.
 */
export async function admitToConnection(
  { connectionId, message: { payload } }: ReceivedInit,
  { clients, access }: Pick<Receiver, 'clients' | 'access'>,
): Promise<ConnectionAdmission> {
  const admission = await access.admit(tokenOfPayload(payload), { connectionId })
  const givenId = clientIdOf(payload)
  const isIdentified = admission.kind === 'identified'
  if (isIdentified && givenId !== invalid) return admitted(admission.identity, givenId, admission.identity)
  if (admission.kind === 'anonymous' && !access.required && givenId === undefined) return admitted(undefined, undefined)
  const client = await clients.find(connectionId)
  if (givenId === invalid) return { kind: 'refused', reason: reasons.invalidClientId, client }
  if (admission.kind === 'refused') return { kind: 'refused', reason: admission.reason, client }
  if (admission.kind === 'undecided' || !client) return { kind: 'undecided', client }
  return client.identity || !access.required
    ? admitted(undefined, givenId, client.identity)
    : { kind: 'refused', reason: reasons.tokenRequiredAtInit, client }
}

function admitted(identity: Identity | undefined, givenId: string | undefined, owner?: Identity): ConnectionAdmission {
  const session = givenId === undefined ? undefined : sessionName(givenId, owner?.subject)
  return { kind: 'admitted', identity, session }
}

const invalid = Symbol('invalid')

/** The id that a client chooses for itself, so that it is recognised when it reconnects. */
function clientIdOf(payload: JsonObject | null): string | typeof invalid | undefined {
  const clientId = payload?.['clientId']
  if (clientId === undefined || clientId === null) return undefined
  return typeof clientId === 'string' && clientId !== '' && clientId.length <= longestClientId ? clientId : invalid
}
