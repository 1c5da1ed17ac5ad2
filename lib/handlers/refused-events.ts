import { sdkTimeOuts } from '../aws/sdk-time-outs'
import { required } from '../environment'
import { logger } from '../observability/logger'

/**
 * Puts an event that was refused into the queue of failed events, in the form that Lambda gives what a function failed at, so that one
 * tool reads both: `npm run failed`. The SDK's client is loaded only then.
 */
export async function keepRefused(
  requestPayload: unknown,
  { reason, functionArn }: { readonly reason: string; readonly functionArn: string },
): Promise<void> {
  logger.error('An event was refused.', { functionArn }) // not why: that may quote the event
  const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs')
  const record = {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: { functionArn, condition: 'Refused' },
    requestPayload,
    responsePayload: { errorType: 'InvalidEvent', errorMessage: reason },
  }
  const sqs = new SQSClient({ requestHandler: sdkTimeOuts })
  await sqs.send(
    new SendMessageCommand({ QueueUrl: required('FAILED_EVENTS_URL'), MessageBody: JSON.stringify(record) }),
  )
}
