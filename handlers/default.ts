import { receiveMessages } from '../lib'
import { api } from '../schema/api'

export const handler = receiveMessages(api)
