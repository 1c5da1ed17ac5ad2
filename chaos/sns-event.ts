/** An SNS message as a Lambda receives it. */
export function createSnsEvent(Message: string, MessageId: string) {
  return { Records: [{ Sns: { MessageId, Message } }] } as const
}
