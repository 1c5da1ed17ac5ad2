import type { FailedEvent } from './failed-event'

/** A subscription of a function to an SNS topic. */
export interface Hearing {
  readonly subscriptionArn: string
  readonly functionArn: string
}

/** The AWS calls for sending a failed event again. Each resolves once AWS has accepted it. */
export interface Senders {
  readonly invoke: (functionArn: string, event: unknown) => Promise<void>
  readonly functionsHearing: (topicArn: string) => Promise<readonly Hearing[]>
}

/**
 * Sends a failed event again: to its function, or, if SNS did not name the function that it could not reach, to each
 * subscriber of the topic. Such a subscriber may handle the event twice, as it may with any SNS message.
 *
 * Throws if the topic has no subscribers any more, or if a sender throws: the event must then stay in its queue.
 */
export async function sendFailedEvent(failed: FailedEvent, senders: Senders): Promise<void> {
  switch (failed.kind) {
    case 'unhandled':
      return senders.invoke(failed.functionArn, failed.event)
    case 'unreached': {
      const { topicArn, subscriptionArn, event } = failed
      const hearing = await senders.functionsHearing(topicArn)
      if (hearing.length === 0) throw new Error(`No function subscribes to ${topicArn}.`)
      const meant = hearing.filter((each) => each.subscriptionArn === subscriptionArn)
      for (const { functionArn } of meant.length > 0 ? meant : hearing) await senders.invoke(functionArn, event)
    }
  }
}

/**
 * A line for the terminal. It does not contain the event, but a reason may quote it. Whoever wrote the event must not
 * control the terminal, so control characters become spaces.
 */
export function describeFailedEvent(failed: FailedEvent): string {
  switch (failed.kind) {
    case 'unhandled':
      return `${failed.functionArn}  ${failed.why.replace(/\p{Cc}+/gu, ' ')}`
    case 'unreached':
      return `${failed.subscriptionArn ?? failed.topicArn}  SNS could not deliver it to its function.`
  }
}
