import * as v from 'valibot'
import type { SendToQueue } from '../aws/sqs-queue'

/**
 * Delay of a close, in seconds, 30 s on average. 10,000 clients of one outage then reconnect at 333/s, of the 500 new
 * connections/s that an account may have ("Amazon API Gateway quotas"), each within a minute of its end.
 */
export const closeDelaySeconds = { least: 20, most: 40 } as const

/** A message in the queue of closings. */
const Closing = v.pipe(v.string(), v.parseJson(), v.object({ connectionId: v.string() }))

/**
 * Closes a connection after a random delay (`closeDelaySeconds`), during which no function runs. Throws an
 * AwsCallError.
 */
export type CloseLater = (connectionId: string) => Promise<void>

export function createCloseLater(send: SendToQueue): CloseLater {
  const { least, most } = closeDelaySeconds
  return (connectionId) => send({ connectionId }, least + Math.floor(Math.random() * (most - least + 1)))
}

/**
 * The connection that a queue message asks to close. Throws a ValiError if `createCloseLater` did not send the message.
 */
export function closingOf(body: string): string {
  return v.parse(Closing, body).connectionId
}
