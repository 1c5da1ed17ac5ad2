import type { Topic } from './topic'

/** The source of a subscription's events. */
export interface Listening {
  /** Each topic is one index entry. */
  readonly topics: readonly [Topic, ...Topic[]]
  /** The topic under which the events are logged; undefined on an ephemeral channel. */
  readonly log: Topic | undefined
  /** The number of the last event that the client has; undefined: only events published from now on. */
  readonly after: number | undefined
  /** Reads the current state, which is sent first. */
  readonly initial: (() => Promise<unknown>) | undefined
  /** The description of a member of a room, as JSON; undefined for any other subscription. */
  readonly member?: string | undefined
}

/**
 * The result of the `subscribe` resolver of a subscription field. graphql-js expects a source stream (an async
 * iterable) there, but nothing iterates this one: each event is delivered later by a Lambda invocation of its own.
 */
export class TopicSource implements AsyncIterable<never> {
  readonly listening: Listening

  constructor(listening: Listening) {
    this.listening = listening
  }

  [Symbol.asyncIterator](): AsyncIterator<never> {
    return { next: () => Promise.resolve({ done: true, value: undefined }) }
  }
}
