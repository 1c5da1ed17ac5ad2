import { publishEvents } from '../lib/handlers/publish-events'
import { schema } from '../schema'

export const handler = publishEvents({ schema })
