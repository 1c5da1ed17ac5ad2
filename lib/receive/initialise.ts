import { type Reason, reasons } from '../authentication/reasons'
import { issuerUnreachable } from '../authentication/refusals'
import type { Client } from '../clients/client'
import { current, tooManyInitialisationRequests } from '../protocol/current'
import { type Answer, connectionLost, type Dialect } from '../protocol/dialect'
import { dialectOfSubprotocol } from '../protocol/dialects'
import { admitToConnection } from './admit-to-connection'
import type { ReceivedInit, Receiver } from './receiver'
import { resume } from './start-subscription'

const connectionAck: Answer = { frames: [JSON.stringify({ type: 'connection_ack' })] }

/** Answers `connection_init`: authenticates the client and resumes its session. */
export async function initialise(received: ReceivedInit, receiver: Receiver): Promise<Answer> {
  const { connectionId, message, receivedAtMs } = received
  const { clients, sessions } = receiver
  const admission = await admitToConnection(received, receiver)
  if (admission.kind === 'refused') {
    // Whatever happens to the socket, no operation may run on it. If it was acknowledged before, its client may still
    // resume elsewhere.
    await sessions.end(connectionId, { atMs: receivedAtMs })
    return forbidden(dialectOfInit(admission.client, message), admission.reason)
  }
  if (admission.kind === 'undecided') return tryAgainLater(dialectOfInit(admission.client, message))
  const { identity, session: named } = admission
  const isTaken = named !== undefined && (await sessions.take(named, connectionId, receivedAtMs))
  const session = isTaken ? named : undefined
  switch (await clients.acknowledge(connectionId, { identity, session })) {
    case 'acknowledged':
      // A client of the legacy protocol sends `start` right after it: subscriptions that are already stored are resumed
      // here.
      if (session !== undefined) await resume(await sessions.subscriptionsOf(connectionId), session, receiver)
      return connectionAck
    case 'repeated':
      return tooManyInitialisationRequests
    case 'otherUser':
      return forbidden(dialectOfInit(await clients.find(connectionId), message), reasons.otherUser)
    case 'unregistered':
      // The dialect is unknown too: a frame in the wrong one would stop the client from reconnecting.
      return { frames: [], close: { code: 1011, reason: connectionLost, isDelayed: true } }
  }
}

/**
 * The dialect of a client; undefined without a sub-protocol, because a frame in the wrong dialect would only confuse
 * it. A client that sends `resume: true` reads refusals of the current protocol whatever its library speaks, because
 * only those tell whether it may retry.
 */
function dialectOfInit(client: Client | undefined, { payload }: ReceivedInit['message']): Dialect | undefined {
  if (payload?.['resume'] === true) return current
  return client?.subprotocol && dialectOfSubprotocol[client.subprotocol]
}

function forbidden(dialect: Dialect | undefined, reason: Reason): Answer {
  return dialect?.forbidden?.(reason) ?? { frames: [], close: { code: 4403, reason } }
}

/**
 * Closes a connection whose token could not be verified. Its items are kept: this message admitted nobody, and a client
 * that was admitted earlier must not lose the events it missed.
 */
function tryAgainLater(dialect: Dialect | undefined): Answer {
  const error = issuerUnreachable()
  // "Try Again Later", IANA WebSocket Close Code Number Registry
  return dialect?.failure(error) ?? { frames: [], close: { code: 1013, reason: error.message, isDelayed: true } }
}
