import type { Client, Clients } from '../clients/clients'
import type { JsonObject } from '../protocol/client-message'
import type { Access } from './access'
import { tokenOfPayload } from './find-token'
import type { Identity } from './identity'

export interface Initialising {
  readonly connectionId: string
  /** Of `connection_init`. */
  readonly payload: JsonObject | null
  readonly clients: Pick<Clients, 'find'>
  readonly access: Access
}

export type ConnectionAdmission =
  /** `identity` is undefined if the message showed no token and need not: `$connect` did, or the stage is open. */
  | { readonly kind: 'admitted'; readonly identity: Identity | undefined }
  | { readonly kind: 'refused'; readonly reason: string; readonly client: Client | undefined }

/** Decides on a `connection_init`. A stage that is open to all costs no read. */
export async function admitToConnection({
  connectionId,
  payload,
  clients,
  access,
}: Initialising): Promise<ConnectionAdmission> {
  const admission = await access.admit(tokenOfPayload(payload))
  if (admission.kind === 'identified') return { kind: 'admitted', identity: admission.identity }
  if (admission.kind === 'anonymous' && !access.required) return { kind: 'admitted', identity: undefined }
  const client = await clients.find(connectionId)
  if (admission.kind === 'refused') return { kind: 'refused', reason: admission.reason, client }
  return client?.identity
    ? { kind: 'admitted', identity: undefined }
    : { kind: 'refused', reason: 'A token is needed: send it as "authToken" of the connection parameters.', client }
}
