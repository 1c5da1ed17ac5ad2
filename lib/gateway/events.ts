/**
 * The part of API Gateway's event that the Lambdas of a WebSocket API use ("WebSocket API mapping template reference").
 */
interface RequestContext {
  readonly connectionId: string
  /** When the connection began, in epoch milliseconds. */
  readonly connectedAt: number
  /** When API Gateway received this message, in epoch milliseconds. */
  readonly requestTimeEpoch: number
}

export interface ConnectEvent {
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null
  readonly requestContext: RequestContext
}

export interface MessageEvent {
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
  readonly requestContext: RequestContext
}

export interface DisconnectEvent {
  readonly requestContext: RequestContext
}

/** The response of a Lambda of a WebSocket API. */
export interface RouteResponse {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** API Gateway's event for the Lambda of an HTTP API, payload format 2.0. Header names are in lower case. */
export interface HttpEvent {
  readonly rawPath: string
  readonly rawQueryString: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
  readonly requestContext: { readonly requestId: string; readonly http: { readonly method: string } }
}

export interface HttpResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** The event of a Lambda that reads from SQS ("Using Lambda with Amazon SQS"). */
export interface SqsEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[]
}

/** The messages of a batch that SQS is to redeliver ("Implementing partial batch responses"). */
export interface SqsBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}
