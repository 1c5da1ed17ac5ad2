import { remember } from '../remember'
import type { Assignment, ReplayTask, Task } from './assignment'
import { HandOnError, type Times } from './publish'

/** Performs a task of each kind. Throws a HandOnError with the remaining work. */
export interface Work {
  readonly publish: (assignment: Assignment, times: Times) => Promise<void>
  readonly replay: (task: ReplayTask, times: Times) => Promise<void>
}

/** A task, and the id of the message that brought it. */
export interface Message {
  readonly id: string
  readonly task: Task
}

/** Maximum number of remembered messages: minutes of a busy process. */
const maxRemembered = 1_000

/**
 * Performs the task of each message once. SNS delivers at least once, and Lambda retries a failed invocation, but
 * subscribers that were served must not receive the event again. So a process remembers the remaining work of each
 * message, which is empty after a success. Other processes do not know it: if one of them gets the message, subscribers
 * receive the event twice, with the same id.
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
