import { forbidden, type Identity, unauthenticated } from 'serverless-graphql-subscriptions'
import type { GraphqlContext } from './context'

/** A chat with this in front of its name is a group's own: `group:finance` is for those whose token has the group `finance`. */
const groupPrefix = 'group:'

/** Who asks. Throws an UNAUTHENTICATED if they have shown no token. */
export function identified({ identity }: GraphqlContext): Identity {
  if (!identity) throw unauthenticated()
  return identity
}

/** Throws an UNAUTHENTICATED or a FORBIDDEN if the chat is a group's own, and who asks does not belong to it. */
export function checkMember(chatId: string, context: GraphqlContext): void {
  if (!chatId.startsWith(groupPrefix)) return
  const group = chatId.slice(groupPrefix.length)
  if (!identified(context).groups.includes(group)) throw forbidden('This chat is for the members of its group.')
}
