import { channelTopic, type Topic } from '../lib/channels/topic'

/** What clients listen to together: the notes on a board, and those who show a token, what is written to its user. */
export interface Room {
  readonly board: string
  readonly user?: string | undefined
}

/** What one subscription of a client listens to. */
export interface Listening {
  /** It names the log. */
  readonly topic: Topic
  /** @param after the number after which everything is due; if left out, what is published from now on */
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

/** The logs of a room. */
export function topicsOf(room: Room): readonly Topic[] {
  return listeningsOf(room).map(({ topic }) => topic)
}

/** Says something to all in a room: an event for each of its logs. Each member of the answer is the id of one. */
export function mutationOf({ board, user }: Room, text: string): string {
  const post = `post(board: ${JSON.stringify(board)}, text: ${JSON.stringify(text)}, tag: "a")`
  const write = user === undefined ? '' : ` write(to: ${JSON.stringify(user)}, text: ${JSON.stringify(text)})`
  return `mutation { ${post}${write} }`
}
