import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'

/** The @connections API of the WebSocket API that this Lambda serves. */
export interface Connections {
  /** Sends a frame. One that is gone is no error: nobody is left to be told. */
  post(connectionId: string, frame: string): Promise<void>
  /** Ends the connection; API Gateway chooses the close code. */
  close(connectionId: string): Promise<void>
}

export function createConnections(management: ApiGatewayManagementApiClient): Connections {
  return {
    post: (ConnectionId, Data) => unlessGone(management.send(new PostToConnectionCommand({ ConnectionId, Data }))),
    close: (ConnectionId) => unlessGone(management.send(new DeleteConnectionCommand({ ConnectionId }))),
  }
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (statusOf(error) !== 410) throw error
  }
}

/** The HTTP status of an SDK error. Its name may be missing: a 410 of serverless-offline has no body to tell it. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}
