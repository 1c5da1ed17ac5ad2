import { channelTopic, type Topic } from '../lib/channels/topic'

/** The topics that clients share: the notes on a board, and, for clients with a token, the messages to its user. */
export interface Room {
  readonly board: string
  readonly user?: string | undefined
}

/** The topic of one subscription of a client. */
export interface Listening {
  /** The topic, which also identifies the log. */
  readonly topic: Topic
  /** @param after the number after which all events are due; if undefined, only events published from now on */
  readonly query: (after?: number) => string
}

export function listeningsOf({ board, user }: Room): readonly Listening[] {
  const args = (...given: readonly string[]) => (given.length === 0 ? '' : `(${given.join(', ')})`)
  const from = (after: number | undefined) => (after === undefined ? [] : [`after: ${after}`])
  const onBoard = {
    topic: channelTopic('board', board),
    query: (after?: number) =>
      `subscription { event: notes${args(`board: ${JSON.stringify(board)}`, ...from(after))} { sequence } }`,
  }
  if (user === undefined) return [onBoard]
  const mine = {
    topic: channelTopic('person', user),
    query: (after?: number) => `subscription { event: mine${args(...from(after))} { sequence } }`,
  }
  return [onBoard, mine]
}

/** The topics of a room's logs. */
export function topicsOf(room: Room): readonly Topic[] {
  return listeningsOf(room).map(({ topic }) => topic)
}

/** A mutation that publishes one event to each log of a room. Each member of the response is the id of one event. */
export function mutationOf({ board, user }: Room, text: string): string {
  const post = `post(board: ${JSON.stringify(board)}, text: ${JSON.stringify(text)}, tag: "a")`
  const write = user === undefined ? '' : ` write(to: ${JSON.stringify(user)}, text: ${JSON.stringify(text)})`
  return `mutation { ${post}${write} }`
}
