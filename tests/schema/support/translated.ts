import type { Translated } from '../../../schema/message'

/** The French translation of a message by Ann. */
export const translated: Translated = {
  chatId: 'lobby',
  to: null,
  requestId: 'r',
  text: 'Bonjour',
  language: 'fr',
  sourceText: 'Hello',
  sourceLanguage: 'en',
  author: 'Ann',
  sentAt: '2030-01-01T00:00:00.000Z',
  error: null,
}
