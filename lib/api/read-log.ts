import { envelopeOf } from '../channels/envelope'
import { channelTopic, taggedTopic } from '../channels/topic'
import { createLogReader, readEvents } from '../history/read'
import { messagesTable } from '../resources'
import type { ReadLog } from './request'

/** Reads the logs of channels from the messages table of the process. */
export function logReader(): ReadLog {
  const reader = createLogReader({ table: messagesTable() })
  return async (channel, keys, { after = 0, first, tags }) => {
    const log = channelTopic(channel.name, keys)
    const topics = tags ? tags.map((tag) => taggedTopic(log, tag)) : [log]
    const events = await readEvents({ log, topics, after, first }, reader)
    return Promise.all(
      events.map(async (event) => ({ ...(await envelopeOf(event, channel)), sequence: event.sequence })),
    )
  }
}
