import { issuerUnreachable, otherUser } from '../authentication/refusals'
import type { Client } from '../clients/client'
import { current, tooManyInitialisationRequests } from '../protocol/current'
import { type Answer, connectionLost, type Dialect } from '../protocol/dialect'
import { dialectOfSubprotocol } from '../protocol/dialects'
import { admitToConnection } from './admit-to-connection'
import type { ReceivedInit, Receiver } from './receiver'
import { resume } from './start-subscription'

const connectionAck: Answer = { frames: [JSON.stringify({ type: 'connection_ack' })] }

/** Answers `connection_init`: who the client is, and what it comes back to. */
export async function initialise(received: ReceivedInit, receiver: Receiver): Promise<Answer> {
  const { connectionId, message, receivedAtMs } = received
  const { clients, sessions } = receiver
  const admission = await admitToConnection(received, receiver)
  if (admission.kind === 'refused') {
    // Whatever becomes of the socket, no operation runs on it. One that was acknowledged before may come back to what it misses.
    await sessions.end(connectionId, { atMs: receivedAtMs })
    return forbidden(dialectOfInit(admission.client, message), admission.reason)
  }
  if (admission.kind === 'undecided') return tryAgainLater(dialectOfInit(admission.client, message))
  const { identity, session: named } = admission
  const isTaken = named !== undefined && (await sessions.take(named, connectionId, receivedAtMs))
  const session = isTaken ? named : undefined
  switch (await clients.acknowledge(connectionId, { identity, session })) {
    case 'acknowledged':
      // A client of the legacy protocol sends `start` right behind: what is stored already is to be resumed here.
      if (session !== undefined) await resume(await sessions.subscriptionsOf(connectionId), session, receiver)
      return connectionAck
    case 'repeated':
      return tooManyInitialisationRequests
    case 'otherUser':
      return forbidden(dialectOfInit(await clients.find(connectionId), message), otherUser)
    case 'unregistered':
      // Which dialect it speaks is forgotten, too: a frame in the other one would keep it from connecting again.
      return { frames: [], close: { code: 1011, reason: connectionLost, isDelayed: true } }
  }
}

/**
 * The dialect of a client. Without a sub-protocol nothing says which one it speaks: a frame in the other one would only confuse it. A client
 * that says `resume: true` reads refusals of the current protocol whatever its library speaks, since only those tell whether it may try again.
 */
function dialectOfInit(client: Client | undefined, { payload }: ReceivedInit['message']): Dialect | undefined {
  if (payload?.['resume'] === true) return current
  return client?.subprotocol && dialectOfSubprotocol[client.subprotocol]
}

function forbidden(dialect: Dialect | undefined, reason: string): Answer {
  return dialect?.forbidden(reason) ?? { frames: [], close: { code: 4403, reason } }
}

/**
 * Ends a connection whose token could not be checked. It is not deleted: nothing has let it in, and one that was let in before must
 * not lose what it missed.
 */
function tryAgainLater(dialect: Dialect | undefined): Answer {
  const error = issuerUnreachable()
  // "Try Again Later", IANA WebSocket Close Code Number Registry
  return dialect?.failure(error) ?? { frames: [], close: { code: 1013, reason: error.message, isDelayed: true } }
}
