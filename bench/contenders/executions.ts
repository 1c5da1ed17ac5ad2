/**
 * The number of subscription executions in this process. The build inserts an increment where the functions call
 * graphql-js.
 */
declare global {
  var benchExecutions: number | undefined
}

export function executionsSoFar(): number {
  return globalThis.benchExecutions ?? 0
}

/** Wraps the resolver of a subscription field in a counter. */
export function counted<Event, Value>(resolve: (event: Event) => Value): (event: Event) => Value {
  return (event) => {
    globalThis.benchExecutions = executionsSoFar() + 1
    return resolve(event)
  }
}
