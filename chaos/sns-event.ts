/** An SNS message as Lambda passes it to a function. */
export function createSnsEvent(Message: string, MessageId: string) {
  return { Records: [{ Sns: { MessageId, Message } }] } as const
}
