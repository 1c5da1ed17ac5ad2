import { forbidden, type Identity, unauthenticated } from 'serverless-graphql-subscriptions'
import type { GraphqlContext } from './context'

/** A chat whose name has this prefix belongs to a group: `group:finance` is open to tokens with the group `finance`. */
const groupPrefix = 'group:'

/** Returns the caller's identity. Throws an UNAUTHENTICATED without a token. */
export function identified({ identity }: GraphqlContext): Identity {
  if (!identity) throw unauthenticated()
  return identity
}

/** Throws an UNAUTHENTICATED or a FORBIDDEN if the chat belongs to a group and the caller is not a member. */
export function checkMember(chatId: string, context: GraphqlContext): void {
  if (!chatId.startsWith(groupPrefix)) return
  const group = chatId.slice(groupPrefix.length)
  if (!identified(context).groups.includes(group)) throw forbidden('This chat is for the members of its group.')
}
