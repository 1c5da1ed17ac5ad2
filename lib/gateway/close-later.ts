import * as v from 'valibot'
import type { SendToQueue } from '../aws/sqs-queue'

/**
 * How long a connection stays open that is closed later, in seconds. On average 30 s, so 10,000 clients of one outage come back at 333 in a
 * second, of the 500 new connections that an account may have ("Amazon API Gateway quotas"), and each within a minute of its end.
 */
export const closeDelaySeconds = { least: 20, most: 40 } as const

/** What the queue of closings holds. */
const Closing = v.pipe(v.string(), v.parseJson(), v.object({ connectionId: v.string() }))

/** Has a connection closed after a random delay (`closeDelaySeconds`). No function waits meanwhile. Throws an AwsCallError. */
export type CloseLater = (connectionId: string) => Promise<void>

export function createCloseLater(send: SendToQueue): CloseLater {
  const { least, most } = closeDelaySeconds
  return (connectionId) => send({ connectionId }, least + Math.floor(Math.random() * (most - least + 1)))
}

/** The connection that a message of the queue asks to close. Throws a ValiError if it is none of `createCloseLater`. */
export function closingOf(body: string): string {
  return v.parse(Closing, body).connectionId
}
