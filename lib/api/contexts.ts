import type { Identity } from '../identity'
import { createPublisher } from './create-publisher'
import type { Api } from './define-api'
import { logReader } from './read-log'

/** Makes what resolvers get, for each operation. What publishes and reads is made once. */
export function contexts(context: Api['context']): (identity: Identity | undefined) => unknown {
  const publish = createPublisher()
  const read = logReader()
  return (identity) => context({ identity, publish, read })
}
