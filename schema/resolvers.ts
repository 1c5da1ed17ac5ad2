import type { MessageEvent } from '../lib/events/message-event'
import { listenTo } from '../lib/operations/topic'
import type { GraphqlContext } from './context'
import type { Resolvers, SubscriptionChatArgs, SubscriptionMessagesArgs } from './generated'
import { checkAuthor, checkChatId, checkLanguages, checkText } from './limits'
import { chatTopic } from './topics'

export const resolvers: Resolvers = {
  Query: {
    getEvent: () => 'Hello from GraphQL!',
  },

  Mutation: {
    putEvent: async (_root, { message, chatId }, context) => {
      checkText('message', message)
      const { id } = await send({ text: message, chatId, author: null }, context)
      return { Entries: [{ EventId: id, ErrorMessage: null, ErrorCode: null }], FailedEntries: 0 }
    },
    sendMessage: (_root, { chatId, text, author }, context) => {
      checkText('text', text)
      return send({ text, chatId, author: author ?? null }, context)
    },
  },

  Subscription: {
    chat: {
      subscribe: (_root: unknown, { chatId }: SubscriptionChatArgs) => {
        checkChatId(chatId)
        return listenTo(chatTopic(chatId))
      },
      resolve: (event: MessageEvent) => event.text,
    },
    messages: {
      subscribe: (_root: unknown, { chatId, languages }: SubscriptionMessagesArgs) => {
        checkChatId(chatId)
        if (languages == null) return listenTo(chatTopic(chatId))
        checkLanguages(languages)
        return listenTo(...languages.map((language) => chatTopic(chatId, language)))
      },
      resolve: (event: MessageEvent) => event,
    },
  },
}

interface Draft {
  readonly chatId: string
  readonly text: string
  readonly author: string | null
}

async function send({ chatId, text, author }: Draft, context: GraphqlContext) {
  checkChatId(chatId)
  if (author !== null) checkAuthor(author)
  const request = { id: context.newId(), chatId, text, author, sentAt: context.now().toISOString() }
  await context.requestTranslations(request)
  return { id: request.id, chatId, sentAt: request.sentAt }
}
