import type { Clients } from '../clients/clients'
import type { Client } from '../clients/client'
import { operationHash } from '../clients/items'
import type { Sessions } from '../clients/sessions'
import type { Subscriber } from '../clients/subscribers'
import type { NewSubscription } from '../clients/subscriptions'
import type { Replay } from '../operations/topic'
import type { ReplayTask } from '../publisher/assignment'
import { replayTask } from '../publisher/replay-task'

export interface StartingSubscription extends Omit<NewSubscription, 'log' | 'held'> {
  readonly replay: Replay
  readonly clients: Clients
  readonly sessions: Sessions
  readonly requestReplay: (task: ReplayTask) => Promise<void>
}

/**
 * Stores a subscription, as `Clients.subscribe` does. If it wants what came before, because it says after which number or because it
 * was cut on an earlier connection of its session, it is held back until a publisher has given it that.
 */
export async function startSubscription(starting: StartingSubscription) {
  const { client, operationId, shared, replay, clients, sessions } = starting
  const subscriber = { connectionId: client.connectionId, operationId, operation: operationHash(shared) }
  const after = replay.after ?? undefined
  const wasCut = await isCut(client, subscriber, sessions)
  if (after !== undefined && !wasCut && client.session !== undefined) {
    await sessions.cutFromTheBeginning(client.session, subscriber)
  }
  const held = wasCut || after !== undefined
  const outcome = await clients.subscribe({ ...starting, log: replay.log, held })
  if (outcome !== 'stored') return outcome
  if (held) await replayOrEnd(subscriber, after, starting)
  else if (!client.acknowledged) await resumeIfInitialised(subscriber, starting)
  return outcome
}

async function isCut({ session }: Client, subscriber: Subscriber, sessions: Sessions): Promise<boolean> {
  return session !== undefined && (await sessions.cutOf(session, subscriber)) !== undefined
}

/** What is held back and never released would be silent for ever: rather it is not there, and the client is told. */
async function replayOrEnd(subscriber: Subscriber, after: number | undefined, starting: StartingSubscription) {
  const { client, clients, requestReplay, receivedAtMs } = starting
  try {
    await requestReplay(replayTask(subscriber, { session: client.session, after }))
  } catch (error) {
    await clients.unsubscribe({ ...subscriber, receivedAtMs })
    throw error
  }
}

/** `connection_init` may have been answered while the subscription was stored: one of the two finds the other. */
async function resumeIfInitialised(subscriber: Subscriber, { clients, sessions, requestReplay }: StartingSubscription) {
  const client = await clients.find(subscriber.connectionId)
  if (client && (await isCut(client, subscriber, sessions)))
    await requestReplay(replayTask(subscriber, { session: client.session }))
}
