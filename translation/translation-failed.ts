import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { createPublisher, logger, sdkTimeOuts } from 'serverless-graphql-subscriptions'
import { parseFailureRecord } from './failure-record'
import { tellUntranslated } from './tell-untranslated'
import { parseTranslationRequest } from './translation-request'

const sns = new SNSClient({ requestHandler: sdkTimeOuts })
const publish = createPublisher({
  send: (Message, TopicArn) => sns.send(new PublishCommand({ TopicArn, Message })),
})

/** Receives translations that failed for good, and publishes the original text in their place. */
export async function translationFailed(record: unknown): Promise<void> {
  const { language, messages } = parseFailureRecord(record)
  for (const message of messages) {
    const request = parseTranslationRequest(message)
    logger.correlate(request.id)
    await tellUntranslated(request, { language, publish })
  }
}
