import { channelTopic, taggedTopic, type Topic } from '../../lib/channels/topic'
import { sharedService } from './shared-service'
import { readStoredSubscriptions } from './stored-subscriptions'
import { until } from './until'

/** Resolves when this many pages receive both translations of the messages to a chat, which no page shows. */
export function untilFollowed(chatId: string, pages: number): Promise<void> {
  return untilListened(
    ['fr', 'de'].map((language) => taggedTopic(channelTopic('chat', chatId), language)),
    pages,
  )
}

/** Resolves when this many pages learn who is writing in a chat. A typing event is sent once, and never again. */
export function untilTypingIsHeard(chatId: string, pages: number): Promise<void> {
  return untilListened([channelTopic('typing', chatId)], pages)
}

async function untilListened(topics: readonly Topic[], pages: number): Promise<void> {
  const stored = readStoredSubscriptions(sharedService('chat'))
  try {
    for (const topic of topics) {
      await until(
        () => stored.connectionsTo(topic),
        ({ length }) => length === pages,
      )
    }
  } finally {
    stored.close()
  }
}
