import type { FailedEvent } from './failed-event'

/** A subscription of a function to an SNS topic. */
export interface Hearing {
  readonly subscriptionArn: string
  readonly functionArn: string
}

/** What sending a failed event again needs of AWS. Each resolves once AWS has taken it. */
export interface Senders {
  readonly invoke: (functionArn: string, event: unknown) => Promise<void>
  readonly functionsHearing: (topicArn: string) => Promise<readonly Hearing[]>
}

/**
 * Has a failed event handled once more: by its function, or, where SNS did not say which it could not reach, by each that hears its
 * topic, which may handle it twice as it may anything that SNS brings.
 *
 * Throws if nobody hears the topic any more, or as the senders do: then the event must stay in its queue.
 */
export async function sendFailedEvent(failed: FailedEvent, senders: Senders): Promise<void> {
  switch (failed.kind) {
    case 'unhandled':
      return senders.invoke(failed.functionArn, failed.event)
    case 'unreached': {
      const { topicArn, subscriptionArn, event } = failed
      const hearing = await senders.functionsHearing(topicArn)
      if (hearing.length === 0) throw new Error(`No function hears ${topicArn}.`)
      const meant = hearing.filter((each) => each.subscriptionArn === subscriptionArn)
      for (const { functionArn } of meant.length > 0 ? meant : hearing) await senders.invoke(functionArn, event)
    }
  }
}

/** A line for a person, without the content of the event. */
export function describeFailedEvent(failed: FailedEvent): string {
  switch (failed.kind) {
    case 'unhandled':
      return `${failed.functionArn}  ${failed.why}`
    case 'unreached':
      return `${failed.subscriptionArn ?? failed.topicArn}  SNS could not hand it to its function.`
  }
}
