import type { LoggedMessageEvent } from './message-event'
import { listenTo, type Topic } from '../lib/operations/topic'
import type { GraphqlContext } from './context'
import type { Resolvers, SubscriptionChatArgs, SubscriptionMessagesArgs } from './generated'
import { checkAfter, checkAuthor, checkChatId, checkFirst, checkLanguages, checkText, checkUser } from './limits'
import { checkMember, identified } from './permissions'
import { chatTopic, inboxTopic } from './topics'

export const resolvers: Resolvers = {
  Query: {
    getEvent: () => 'Hello from Apollo!',
    messages: (_root, { chatId, languages, after, first }, context) => {
      checkFirst(first)
      checkAfter(after)
      const log = chatTopic(chatId)
      return context.readMessages({ log, topics: topicsFor({ chatId, languages }, context), after: after ?? 0, first })
    },
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
      resolve: (event: LoggedMessageEvent) => event.text,
    },
    messages: {
      subscribe: (_root: unknown, { chatId, languages, after }: SubscriptionMessagesArgs, context: GraphqlContext) => {
        checkAfter(after)
        return listenTo(...topicsFor({ chatId, languages }, context)).replaying({ log: chatTopic(chatId), after })
      },
      resolve: (event: LoggedMessageEvent) => event,
    },
    inbox: {
      subscribe: (_root: unknown, _args: unknown, context: GraphqlContext) =>
        listenTo(inboxTopic(identified(context).subject)),
      resolve: (event: LoggedMessageEvent) => event,
    },
  },
}

interface Wanted {
  readonly chatId: string
  readonly languages?: readonly string[] | null | undefined
}

/** The topics of a chat that hold what is wanted of it. Throws if it does not exist, or is not for who asks. */
function topicsFor({ chatId, languages }: Wanted, context: GraphqlContext): readonly [Topic, ...Topic[]] {
  checkChatId(chatId)
  checkMember(chatId, context)
  if (languages == null) return [chatTopic(chatId)]
  const [first, ...further] = checkLanguages(languages)
  return [chatTopic(chatId, first), ...further.map((language) => chatTopic(chatId, language))]
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
