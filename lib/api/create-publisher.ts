import type { Publication } from '../channels/publication'
import { required } from '../environment'
import { snsTopics } from '../resources'

/**
 * Publishes events. Resolves once SNS has accepted all of them; from then on they are durable. Several events in one
 * call are not atomic: if the call throws, some may have been published. The caller may retry all of them: events with
 * the same `id` are logged once, but may be delivered twice.
 *
 * Throws an InvalidEvent that names the invalid member, before anything is published. Throws an AwsCallError if SNS
 * rejects an event.
 */
export type Publish = (...publications: readonly Publication[]) => Promise<void>

export interface PublisherOptions {
  /**
   * ARN of the events topic: the output `EventsTopicArn` of the stack. Default: the environment variable
   * EVENTS_TOPIC_ARN.
   */
  readonly topicArn?: string
  /** Sends a message to the topic, for example with the AWS SDK. Default: the core's own SNS client. */
  readonly send?: (message: string, topicArn: string) => Promise<unknown>
}

/** Creates a publisher. It works in any Lambda or script that may call `sns:Publish` on the events topic. */
export function createPublisher({ topicArn = required('EVENTS_TOPIC_ARN'), send }: PublisherOptions = {}): Publish {
  const sendToTopic = send ? (event: Publication) => send(JSON.stringify(event), topicArn) : snsTopics().to(topicArn)
  return async (...publications) => {
    await Promise.all(publications.map(async ({ channel, data, complete }) => complete ?? (await channel.decode(data))))
    await Promise.all(publications.map((publication) => sendToTopic(publication)))
  }
}
