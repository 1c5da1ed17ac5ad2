import { remember } from '../remember'
import type { Assignment, ReplayTask, Task } from './assignment'
import { HandOnError, type Times } from './publish'

/** Does each kind of task. Throws a HandOnError with what remains. */
export interface Work {
  readonly publish: (assignment: Assignment, times: Times) => Promise<void>
  readonly replay: (task: ReplayTask, times: Times) => Promise<void>
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
export function oncePerMessage(work: Work): (message: Message, times: Times) => Promise<void> {
  const remainingOf = new Map<string, readonly Task[]>()

  return async ({ id, task: whole }, times) => {
    const remaining: Task[] = []
    let failure: HandOnError | undefined
    for (const task of remainingOf.get(id) ?? [whole]) {
      try {
        await ('replay' in task ? work.replay(task, times) : work.publish(task, times))
      } catch (error) {
        if (!(error instanceof HandOnError)) throw error
        remaining.push(...error.remaining)
        failure = error
      }
    }
    remember(remainingOf, id, remaining, maxRemembered)
    if (failure) throw failure
  }
}
