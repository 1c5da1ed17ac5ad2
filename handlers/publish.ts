import { publishEvents } from '../lib'
import { api } from '../schema/api'

export const handler = publishEvents(api)
