import { remember } from '../remember'
import type { Assignment, ReplayTask, Task } from './assignment'
import { HandOnError } from './publish'

/** Does each kind of task by a time in epoch milliseconds. Throws a HandOnError with what remains. */
export interface Work {
  readonly publish: (assignment: Assignment, deadlineMs: number) => Promise<void>
  readonly replay: (task: ReplayTask, deadlineMs: number) => Promise<void>
}

/** What a message asks for, under the message's id. */
export interface Message {
  readonly id: string
  readonly task: Task
}

/** So many messages are remembered: minutes of a busy process. */
const maxRemembered = 1_000

/**
 * Does what messages ask for, once. SNS delivers at least once, and Lambda brings a message again when a function has failed; the
 * subscribers that were served must not be served again. So a process remembers what remains of each message, which is nothing
 * if all went well. Another process does not know: there, a subscriber gets the event twice, with the same id.
 */
export function oncePerMessage(work: Work): (message: Message, deadlineMs: number) => Promise<void> {
  const remainingOf = new Map<string, readonly Task[]>()

  return async ({ id, task: whole }, deadlineMs) => {
    const remaining: Task[] = []
    let failure: HandOnError | undefined
    for (const task of remainingOf.get(id) ?? [whole]) {
      try {
        await ('replay' in task ? work.replay(task, deadlineMs) : work.publish(task, deadlineMs))
      } catch (error) {
        if (!(error instanceof HandOnError)) throw error
        remaining.push(...error.left)
        failure = error
      }
    }
    remember(remainingOf, id, remaining, maxRemembered)
    if (failure) throw failure
  }
}
