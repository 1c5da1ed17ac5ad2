import { receiveMessages } from '../lib/handlers/receive-messages'
import { api } from '../schema/api'

export const handler = receiveMessages(api)
