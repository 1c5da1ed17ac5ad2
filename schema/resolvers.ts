import type { MessageEvent } from '../lib/events/message-event'
import { listenTo } from '../lib/operations/topic'
import type { GraphqlContext } from './context'
import type { Resolvers, SubscriptionChatArgs, SubscriptionMessagesArgs } from './generated'
import { checkAuthor, checkChatId, checkLanguages, checkText, checkUser } from './limits'
import { checkMember, identified } from './permissions'
import { chatTopic, inboxTopic } from './topics'

export const resolvers: Resolvers = {
  Query: {
    getEvent: () => 'Hello from GraphQL!',
  },

  Mutation: {
    putEvent: async (_root, { message, chatId }, context) => {
      checkText('message', message)
      const { id } = await send({ text: message, chatId, author: null, to: null }, context)
      return { Entries: [{ EventId: id, ErrorMessage: null, ErrorCode: null }], FailedEntries: 0 }
    },
    sendMessage: (_root, { chatId, text, author }, context) => {
      checkText('text', text)
      return send({ text, chatId, author: author ?? null, to: null }, context)
    },
    sendDirectMessage: (_root, { to, text }, context) => {
      checkText('text', text)
      checkUser('to', to)
      return request({ text, chatId: '', author: identified(context).subject, to }, context)
    },
  },

  Subscription: {
    chat: {
      subscribe: (_root: unknown, { chatId }: SubscriptionChatArgs, context: GraphqlContext) => {
        checkChatId(chatId)
        checkMember(chatId, context)
        return listenTo(chatTopic(chatId))
      },
      resolve: (event: MessageEvent) => event.text,
    },
    messages: {
      subscribe: (_root: unknown, { chatId, languages }: SubscriptionMessagesArgs, context: GraphqlContext) => {
        checkChatId(chatId)
        checkMember(chatId, context)
        if (languages == null) return listenTo(chatTopic(chatId))
        checkLanguages(languages)
        return listenTo(...languages.map((language) => chatTopic(chatId, language)))
      },
      resolve: (event: MessageEvent) => event,
    },
    inbox: {
      subscribe: (_root: unknown, _args: unknown, context: GraphqlContext) =>
        listenTo(inboxTopic(identified(context).subject)),
      resolve: (event: MessageEvent) => event,
    },
  },
}

interface Draft {
  readonly chatId: string
  readonly text: string
  readonly author: string | null
  readonly to: string | null
}

function send(draft: Draft, context: GraphqlContext) {
  checkChatId(draft.chatId)
  checkMember(draft.chatId, context)
  if (draft.author !== null) checkAuthor(draft.author)
  return request(draft, context)
}

async function request(draft: Draft, context: GraphqlContext) {
  const message = { ...draft, id: context.newId(), sentAt: context.now().toISOString() }
  await context.requestTranslations(message)
  return { id: message.id, chatId: message.chatId, sentAt: message.sentAt }
}
