import type { Publication } from '../channels/publication'
import { required } from '../environment'
import { snsTopics } from '../resources'

/**
 * Publishes events. Resolves once each is certain to be delivered: SNS has it. Several in one call are not atomic: if it throws, some
 * may have been published, and the caller may publish all of them again, since the same `id` is the same event.
 *
 * Throws an InvalidEvent that names the member which is wrong, before anything is published; an AwsCallError if SNS did not take one.
 */
export type Publish = (...publications: readonly Publication[]) => Promise<void>

export interface PublisherOptions {
  /** The output `EventsTopicArn` of the stack; the environment variable EVENTS_TOPIC_ARN if left out. */
  readonly topicArn?: string
  /** Puts a message on the topic, in place of the core's own client of SNS: the SDK's, for example. */
  readonly send?: (message: string, topicArn: string) => Promise<unknown>
}

/** Makes a publisher for any Lambda or script that may `sns:Publish` to the topic of events. */
export function createPublisher({ topicArn = required('EVENTS_TOPIC_ARN'), send }: PublisherOptions = {}): Publish {
  const sendToTopic = send ? (event: Publication) => send(JSON.stringify(event), topicArn) : snsTopics().to(topicArn)
  return async (...publications) => {
    await Promise.all(publications.map(async ({ channel, data, complete }) => complete ?? (await channel.decode(data))))
    await Promise.all(publications.map((publication) => sendToTopic(publication)))
  }
}
