/**
 * Builds the message about a refused event, or the remainder of one, for the queue of failed events. It has the format
 * of Lambda's records of failed asynchronous invocations ("Capturing records of Lambda asynchronous invocations"), so
 * that the command `failed` reads both.
 */
export function refusedEvent(
  requestPayload: unknown,
  { reason, functionArn }: { readonly reason: string; readonly functionArn: string },
) {
  return {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: { functionArn, condition: 'Refused' },
    requestPayload,
    responsePayload: { errorType: 'InvalidEvent', errorMessage: reason },
  }
}
