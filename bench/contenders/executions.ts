/** How often this process has run a subscription against an event. The build adds to it where the functions call graphql-js. */
declare global {
  var benchExecutions: number | undefined
}

export function executionsSoFar(): number {
  return globalThis.benchExecutions ?? 0
}

/** The resolver of a subscription field, counted. */
export function counted<Event, Value>(resolve: (event: Event) => Value): (event: Event) => Value {
  return (event) => {
    globalThis.benchExecutions = executionsSoFar() + 1
    return resolve(event)
  }
}
