/**
 * The part of version 2 of the AWS SDK that the peers use. Declared here because only `npm run bench` installs its 100
 * MB, and type checks run without it.
 */
declare module 'aws-sdk' {
  import type { Agent } from 'node:https'

  interface ClientOptions {
    readonly region: string
    readonly endpoint: string
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
    readonly httpOptions?: { readonly agent: Agent }
    readonly maxRetries?: number
  }

  export class DynamoDB {
    private readonly service: 'dynamodb'
    constructor(options: ClientOptions)
  }

  export namespace DynamoDB {
    class DocumentClient {
      private readonly service: DynamoDB
      constructor(options: { readonly service: DynamoDB })
    }
    const Converter: { readonly marshall: (item: object) => object }
  }

  export class ApiGatewayManagementApi {
    private readonly service: 'execute-api'
    constructor(options: ClientOptions)
  }
}
