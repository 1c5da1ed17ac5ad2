import { envelopeOf } from '../channels/envelope'
import { channelTopic, distinctTags, taggedTopic } from '../channels/topic'
import { asUserInput, badUserInput, checkAfter } from '../channels/user-input'
import { createLogReader, readEvents } from '../history/read'
import { messagesTable } from '../resources'
import type { ReadLog } from './request'

/** Reads the logs of channels, from the messages table. */
export function logReader(): ReadLog {
  const reader = createLogReader({ table: messagesTable() })
  return async (channel, keys, { after, first, tags }) => {
    if (!Number.isSafeInteger(first) || first < 1) {
      throw badUserInput(`Expected "first" to be a whole number above 0, got ${first}.`)
    }
    const log = asUserInput(() => channelTopic(channel.name, keys))
    const topics = tags ? asUserInput(() => distinctTags(tags).map((tag) => taggedTopic(log, tag))) : [log]
    const events = await readEvents({ log, topics, after: checkAfter(after) ?? 0, first }, reader)
    return Promise.all(
      events.map(async (event) => ({ ...(await envelopeOf(event, channel)), sequence: event.sequence })),
    )
  }
}
