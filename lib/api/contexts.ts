import type { Identity } from '../identity'
import { createPublisher } from './create-publisher'
import type { Api } from './define-api'
import { logReader } from './read-log'

/** Returns a function that creates the context of an operation. The publisher and the log reader are created once. */
export function contexts(context: Api['context']): (identity: Identity | undefined) => unknown {
  const publish = createPublisher()
  const read = logReader()
  return (identity) => context({ identity, publish, read })
}
