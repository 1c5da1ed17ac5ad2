import { receiveKitchenEvents } from '../schema/kitchen'

export const handler = receiveKitchenEvents()
