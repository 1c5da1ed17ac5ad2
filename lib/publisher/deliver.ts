import { type ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi'
import { statusOf } from '../gateway/connections'

/** What became of one frame. Delivered means taken by API Gateway: it tells nobody whether the client received it. */
export type Delivery =
  { readonly kind: 'delivered' } | { readonly kind: 'gone' } | { readonly kind: 'failed'; readonly error: unknown }

export interface Delivering {
  readonly callbackUrl: string
  readonly connectionId: string
  readonly frame: string
}

/** Posts a frame to a client's callback URL. It never throws: each outcome is a value, so that none hurts the others. */
export type Deliver = (delivering: Delivering) => Promise<Delivery>

/** @param managementAt a client for the @connections API at this callback URL, one for each for the process's life */
export function sdkDeliver(managementAt: (callbackUrl: string) => ApiGatewayManagementApiClient): Deliver {
  return async ({ callbackUrl, connectionId, frame }) => {
    try {
      await managementAt(callbackUrl).send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame }))
      return { kind: 'delivered' }
    } catch (error) {
      return statusOf(error) === 410 ? { kind: 'gone' } : { kind: 'failed', error }
    }
  }
}
