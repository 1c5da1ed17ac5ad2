import type { JsonObject } from '../operations/request'
import type { Answer } from '../protocol/dialect'
import { dialectFor } from '../protocol/dialects'
import { withinFrameLimit } from '../protocol/frame-limit'
import { initialise } from './initialise'
import type { ReceivedMessage, Receiver } from './receiver'
import { runOperation } from './run-operation'

const nothing: Answer = { frames: [] }

const pong = (payload: JsonObject | null): Answer => ({
  frames: [JSON.stringify({ type: 'pong', ...(payload && { payload }) })],
})

/**
 * Answers one message as a stateful server would, with the clients table as its memory.
 *
 * Every mistake of a client has an answer. It throws only on internal failures, or failures of AWS.
 */
export async function receiveMessage(received: ReceivedMessage, receiver: Receiver): Promise<Answer> {
  const { connectionId, message, receivedAtMs } = received
  const { clients } = receiver
  switch (message.type) {
    case 'connection_init':
      return initialise({ connectionId, message, receivedAtMs }, receiver)
    case 'ping':
      return withinFrameLimit(pong(message.payload), () => pong(null))
    case 'pong':
      await clients.seen(connectionId, receivedAtMs)
      return nothing
    case 'connection_terminate':
      await clients.remove(connectionId) // such a client does not resume
      return { frames: [], close: { code: 1000, reason: 'connection_terminate' } }
    case 'stop':
    case 'complete':
      if (message.id !== undefined) await clients.unsubscribe({ connectionId, operationId: message.id, receivedAtMs })
      return nothing
    case 'start':
    case 'subscribe':
    case 'raw':
      return runOperation(message, received, receiver)
    case 'invalid': {
      const client = await clients.find(connectionId)
      const dialect = dialectFor(client?.subprotocol, message)
      return client ? dialect.protocolError(message) : dialect.unregistered(message.id)
    }
  }
}
