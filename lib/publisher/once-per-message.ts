import { remember } from '../remember'
import { type Assignment, parseTask, type ReplayTask, type Task } from './assignment'
import { HandOnError } from './publish'

/** An SNS message as a Lambda receives it. */
export interface Message {
  readonly MessageId: string
  readonly Message: string
}

/** Does each kind of task by a time in epoch milliseconds. Throws a HandOnError with what is left. */
export interface Work {
  readonly publish: (assignment: Assignment, deadlineMs: number) => Promise<void>
  readonly replay: (task: ReplayTask, deadlineMs: number) => Promise<void>
}

/** So many messages are remembered: minutes of a busy process. */
const maxRemembered = 1_000

/**
 * Does what messages say, once. SNS delivers at least once, and Lambda brings a message again when a function has failed; the
 * subscribers that were served must not be served again. So a process remembers what is left of each message, which is nothing
 * if all went well. Another process knows nothing of it: there, a subscriber gets the event twice, with the same id.
 */
export function oncePerMessage(work: Work): (message: Message, deadlineMs: number) => Promise<void> {
  const leftOf = new Map<string, readonly Task[]>()

  return async ({ MessageId, Message }, deadlineMs) => {
    const left: Task[] = []
    let failure: HandOnError | undefined
    for (const task of leftOf.get(MessageId) ?? [parseTask(Message)]) {
      try {
        await ('replay' in task ? work.replay(task, deadlineMs) : work.publish(task, deadlineMs))
      } catch (error) {
        if (!(error instanceof HandOnError)) throw error
        left.push(...error.left)
        failure = error
      }
    }
    remember(leftOf, MessageId, left, maxRemembered)
    if (failure) throw failure
  }
}
