import { describe, expect, it } from '@jest/globals'
import { parseWireEvent } from '../../lib/channels/wire'
import { api } from '../../schema/api'
import { chat, inbox, translationEvent } from '../../schema/channels'
import type { Translated } from '../../schema/message'
import { translated } from './support/translated'

const published = (data: Translated) =>
  parseWireEvent(JSON.parse(JSON.stringify(translationEvent(data))), api.channels, 'given')

describe('the event of a translation', () => {
  it('belongs to its chat, is tagged with its language and has an id of message and language', () => {
    expect(published(translated)).toMatchObject({
      channel: chat,
      topics: ['chat#lobby', 'chat#lobby#fr'],
      id: 'r:fr',
      data: translated,
      correlationId: 'r',
      requestedAt: '2030-01-01T00:00:00.000Z',
    })
  })

  it('belongs only to the inbox of its receiver if it is a direct message', () => {
    expect(published({ ...translated, chatId: '', to: 'bob' })).toMatchObject({
      channel: inbox,
      topics: ['inbox#bob'],
      id: 'r:fr',
    })
  })

  it('has the same id if the translation failed', () => {
    const untranslated = { ...translated, text: 'Hello', sourceLanguage: 'auto', error: 'It failed.' }
    expect(published(untranslated).id).toBe(published(translated).id)
  })

  it.each(['text', 'language', 'chatId', 'sentAt'])('is refused without "%s"', async (member) => {
    const incomplete = { ...translated, [member]: undefined }
    await expect(chat.decode(incomplete)).rejects.toThrow(`"${member}": `)
  })
})
