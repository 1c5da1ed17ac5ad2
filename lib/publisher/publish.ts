import type { Clients, Subscriber } from '../clients/clients'
import type { Publication } from '../events/publication'
import type { Operations } from '../operations/execute'
import type { Topic } from '../operations/topic'
import { type FrameAround, frameFor } from '../protocol/dialect'
import { dialects } from '../protocol/dialects'
import { eventWithinFrameLimit } from '../protocol/frame-limit'
import { concurrently } from './concurrently'
import type { Deliver } from './deliver'

export interface Publisher {
  readonly clients: Clients
  readonly operations: Operations
  readonly deliver: Deliver
  readonly contextValue: unknown
  /** How many posts may be under way at once. */
  readonly concurrency: number
  /** Hears of each delivery that failed for good. */
  readonly onFailure: (subscriber: Subscriber, error: unknown) => void
}

/** What a publish came to. */
export interface PublishReport {
  readonly delivered: number
  readonly gone: number
  readonly failed: number
  readonly executions: number
}

/**
 * Delivers an event to everyone who listens to one of its topics, each in the form that its selection set asks for. Each
 * distinct operation is executed once. Each receiver is settled alone: one that is gone is deleted, one that fails is
 * reported, and the others get their frame all the same.
 */
export async function publish({ topics, event }: Publication, publisher: Publisher): Promise<PublishReport> {
  const { clients, deliver, concurrency, onFailure } = publisher
  const report = { delivered: 0, gone: 0, failed: 0, executions: 0 }
  const frames = frameCache(async (subscriber) => {
    const frame = await responseFrame(subscriber, event, publisher)
    if (frame) report.executions++
    return frame
  })

  await concurrently({
    items: subscribersOf(topics, clients),
    limit: concurrency,
    run: async (subscriber) => {
      const frame = await frames(subscriber)
      if (!frame) return
      const { connectionId, operationId } = subscriber
      const delivery = await deliver({
        callbackUrl: frame.callbackUrl,
        connectionId,
        frame: frameFor(frame, operationId),
      })
      report[delivery.kind]++
      if (delivery.kind === 'gone') await clients.remove(connectionId)
      if (delivery.kind === 'failed') onFailure(subscriber, delivery.error)
    },
  })
  return report
}

interface ResponseFrame extends FrameAround {
  readonly callbackUrl: string
}

async function* subscribersOf(topics: readonly Topic[], clients: Clients): AsyncGenerator<Subscriber> {
  for (const topic of topics) for await (const page of clients.subscribers(topic)) yield* page
}

/** The frame for all who share the subscriber's operation; undefined if the subscriber has unsubscribed meanwhile. */
async function responseFrame(
  subscriber: Subscriber,
  event: unknown,
  { clients, operations, contextValue }: Publisher,
): Promise<ResponseFrame | undefined> {
  const shared = await clients.operationOf(subscriber)
  if (!shared) return undefined
  const result = await operations.respond(shared.request, event, contextValue)
  const payload = eventWithinFrameLimit(JSON.stringify(result))
  return { ...dialects[shared.dialect].event(payload), callbackUrl: shared.callbackUrl }
}

/** Makes the frame of each operation once. If the subscriber that was asked for it has gone, the next one is asked. */
function frameCache(make: (subscriber: Subscriber) => Promise<ResponseFrame | undefined>) {
  const frames = new Map<string, Promise<ResponseFrame | undefined>>()
  const frameOf = async (subscriber: Subscriber): Promise<ResponseFrame | undefined> => {
    const known = frames.get(subscriber.operation)
    if (known) return (await known) ?? frameOf(subscriber)
    const making = make(subscriber)
    frames.set(subscriber.operation, making)
    const frame = await making
    if (!frame) frames.delete(subscriber.operation)
    return frame
  }
  return frameOf
}
