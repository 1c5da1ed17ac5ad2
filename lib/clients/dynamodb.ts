import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { sdkTimeOuts } from '../aws/sdk-time-outs'

/** The process's client of DynamoDB. Its endpoint is overridden only by the SDK's own variables. */
export function createDocuments(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler: sdkTimeOuts }), {
    marshallOptions: { removeUndefinedValues: true },
  })
}
