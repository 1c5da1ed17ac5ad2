declare const brand: unique symbol

/** What an event is published to and a subscription listens to: the hash key of the clients table's index. */
export type Topic = string & { readonly [brand]: 'Topic' }

/**
 * Spells a topic from a name and the arguments that select, such as a room: `topic('chat', 'lobby')`. Equal parts make equal
 * topics and different parts different ones, whatever characters they hold.
 */
export function topic(name: string, ...args: readonly string[]): Topic {
  return [name, ...args].map(escape).join('#') as Topic
}

/** Only what the spelling itself uses is escaped, so that a topic stays as short and as readable as its parts. */
function escape(part: string): string {
  return part.replaceAll('%', '%25').replaceAll('#', '%23')
}

/** Where a subscription's events are kept, and from where on it wants them. */
export interface Replay {
  /** The first topic that the events are published to: it names their log. */
  readonly log: Topic
  /** The number of the last event that the client has; undefined or null if it wants what comes from now on. */
  readonly after?: number | null | undefined
}

/**
 * What the `subscribe` resolver of a subscription field returns: the topics whose events are its source events. It takes
 * the shape that graphql-js asks of a source stream (an async iterable) but is never iterated: the events come later, each
 * to a Lambda of its own.
 */
export class TopicSource implements AsyncIterable<never> {
  readonly topics: readonly [Topic, ...Topic[]]
  readonly replay: Replay

  /** @param topics one index entry each; the same topic twice counts once */
  constructor(topics: readonly [Topic, ...Topic[]], replay: Replay = { log: topics[0] }) {
    const [first, ...further] = new Set(topics)
    this.topics = [first ?? topics[0], ...further]
    this.replay = replay
  }

  /** The same, with a log that is not the first topic's, or from a number on. */
  replaying(replay: Replay): TopicSource {
    return new TopicSource(this.topics, replay)
  }

  [Symbol.asyncIterator](): AsyncIterator<never> {
    return { next: () => Promise.resolve({ done: true, value: undefined }) }
  }
}

/** The source stream of a subscription to one or more topics, whose events are logged under the first one. */
export function listenTo(...topics: readonly [Topic, ...Topic[]]): TopicSource {
  return new TopicSource(topics)
}
