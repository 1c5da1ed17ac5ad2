import type { Present } from 'serverless-graphql-subscriptions'
import { chat, inbox, people, typing } from './channels'
import type { GraphqlContext } from './context'
import type {
  MutationResolvers,
  QueryResolvers,
  SubscriptionChatArgs,
  SubscriptionMessagesArgs,
  SubscriptionPresenceArgs,
  SubscriptionTypingArgs,
} from './generated'
import {
  checkAfter,
  checkAuthor,
  checkChatId,
  checkFirst,
  checkLanguages,
  checkMemberName,
  checkText,
  checkTypist,
  checkUser,
} from './limits'
import { toMessage } from './message'
import { checkMember, identified } from './permissions'

const Query = {
  getEvent: () => 'Hello from Apollo!',
  messages: async (_root, { chatId, languages, after, first }, context) => {
    checkFirst(first)
    checkAfter(after)
    const tags = checkLanguages(languages)
    const page = { after: after ?? undefined, first, tags }
    return (await context.read(chat, checkAccess(chatId, context), page)).map(toMessage)
  },
  presence: async (_root, { chatId, first }, context) =>
    toPresence(await people.present(checkAccess(chatId, context), { first })),
} satisfies QueryResolvers

const Mutation = {
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
  setTyping: async (_root, { chatId, by, name }, context) => {
    const typist = { by: checkTypist(by), name: checkMemberName(name) }
    await context.publish(typing.event(checkAccess(chatId, context), typist))
    return true
  },
} satisfies MutationResolvers

const Subscription = {
  chat: chat.field({
    subscribe: ({ chatId }: SubscriptionChatArgs, context: GraphqlContext) => checkAccess(chatId, context),
    resolve: ({ data }) => data.text,
  }),
  messages: chat.field({
    subscribe: ({ chatId, languages, after }: SubscriptionMessagesArgs, context: GraphqlContext) => {
      return { keys: checkAccess(chatId, context), tags: checkLanguages(languages), after }
    },
    resolve: toMessage,
  }),
  inbox: inbox.field({
    subscribe: (_args: unknown, context: GraphqlContext) => identified(context).subject,
    resolve: toMessage,
  }),
  presence: people.field({
    subscribe: ({ chatId, name }: SubscriptionPresenceArgs, context: GraphqlContext) => {
      return { keys: checkAccess(chatId, context), member: { name: checkMemberName(name) } }
    },
    resolve: ({ data }) => toPresence(data),
  }),
  typing: typing.field({
    subscribe: ({ chatId }: SubscriptionTypingArgs, context: GraphqlContext) => checkAccess(chatId, context),
  }),
}

export const resolvers = { Query, Mutation, Subscription }

/** The chat's id. Throws if it cannot be one, or is not for the caller. */
function checkAccess(chatId: string, context: GraphqlContext): string {
  checkChatId(chatId)
  checkMember(chatId, context)
  return chatId
}

function toPresence({ members, ...present }: Present<{ readonly name: string | null }>) {
  return { ...present, members: members?.map(({ id, info }) => ({ id, name: info.name })) ?? null }
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
