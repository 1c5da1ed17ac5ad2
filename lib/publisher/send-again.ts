import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import type { SendToSnsTopic } from '../aws/sns-topic'
import { parseHandedOn } from './assignment'
import { type IncomingMessage, incomingMessages } from './incoming'

/** A message of a queue, and the word with which it is deleted. */
interface QueueMessage {
  readonly body: string
  readonly receipt: string
}

/** The queue of dead letters. */
export interface Queue {
  /** Some messages, which others do not see for a while; none if the queue is empty. */
  receive(): Promise<readonly QueueMessage[]>
  delete(message: QueueMessage): Promise<void>
}

/**
 * Empties the queue of dead letters: each becomes work for a publisher again, from the first round on. A letter is deleted
 * when SNS has it; what is not one stays in the queue and is reported.
 *
 * @returns how many were sent
 */
export async function sendAgain({
  queue,
  handOn,
  onUnreadable,
}: {
  queue: Queue
  handOn: SendToSnsTopic
  onUnreadable: (body: string, error: unknown) => void
}): Promise<number> {
  let sent = 0
  for (;;) {
    const letters = await queue.receive()
    if (letters.length === 0) return sent
    for (const letter of letters) {
      const tasks = read(letter.body, onUnreadable)
      if (!tasks) continue
      for (const task of tasks) await handOn(task)
      await queue.delete(letter)
      sent++
    }
  }
}

/**
 * The work that is in a dead letter of the publisher, from the first round on. A publisher has put it there, or Lambda, when a publisher
 * has failed as a whole: then it is what that was invoked with. Throws if it is neither.
 */
export function readDeadLetter(body: string): readonly object[] {
  return incomingMessages(JSON.parse(body), randomUUID()).map(workOf)
}

/** An event as it was published goes back as it is: its publisher knows the channels. It may have been logged under its message's id. */
function workOf({ id, read }: IncomingMessage): object {
  const message = read()
  const task = parseHandedOn(message)
  if (task) return 'replay' in task ? task : { ...task, round: 0 }
  return { id, ...v.parse(v.looseObject({ channel: v.string() }), message) }
}

function read(body: string, onUnreadable: (body: string, error: unknown) => void) {
  try {
    return readDeadLetter(body)
  } catch (error) {
    onUnreadable(body, error)
    return undefined
  }
}
