import type { Topic } from './topic'

/** Where a subscription listens. */
export interface Listening {
  /** One index entry each. */
  readonly topics: readonly [Topic, ...Topic[]]
  /** The topic under which its events are logged; undefined on a channel without a log. */
  readonly log: Topic | undefined
  /** The number of the last event that the client has; undefined if it wants what comes from now on. */
  readonly after: number | undefined
  /** Reads the present state, which is sent first. */
  readonly initial: (() => Promise<unknown>) | undefined
  /** What a member of a room says of itself, as JSON; undefined if it is no member. */
  readonly member?: string | undefined
}

/**
 * What the `subscribe` resolver of a subscription field returns. It takes the shape that graphql-js asks of a source stream (an async
 * iterable) but is never iterated: the events come later, each to a Lambda of its own.
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
