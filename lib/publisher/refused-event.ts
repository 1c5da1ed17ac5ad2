/**
 * The letter of an event that was refused, or of what is left of one, for the queue of failed events. It has the form that Lambda gives what a function failed at
 * ("Capturing records of Lambda asynchronous invocations"), so one tool reads both: `npm run failed`.
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
