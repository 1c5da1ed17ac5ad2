import { remember } from '../remember'
import type { Assignment, ReplayTask, Task } from './assignment'
import { HandOnError, type Times } from './publish'

/**
 * Performs a task of each kind. After a HandOnError of `publish`, only the remaining work is retried; after any other
 * error, the whole task.
 */
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
    let failure: unknown
    for (const task of remainingOf.get(id) ?? [whole]) {
      try {
        await ('replay' in task ? work.replay(task, times) : work.publish(task, times))
      } catch (error) {
        remaining.push(...(error instanceof HandOnError ? error.remaining : [task]))
        failure ??= error
      }
    }
    remember(remainingOf, id, remaining, maxRemembered)
    if (remaining.length > 0) throw failure
  }
}
