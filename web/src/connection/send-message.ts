import { type ApolloClient, CombinedGraphQLErrors } from '@apollo/client'
import type { Send, SendOutcome } from '../conversation/outbox'
import { SendMessageDocument } from '../generated'
import { requiresToken } from './access'
import { codeOf } from './error-code'
import { wordsOf } from './words'

/** Sends messages with `client`. @param refuse called with the reason if the messages of a chat require a token */
export function sendWith(client: ApolloClient, refuse: (chatId: string, reason: string) => void): Send {
  return async ({ chatId, text, author }) => {
    try {
      const { data } = await client.mutate({
        mutation: SendMessageDocument,
        variables: { chatId, text, author: author === '' ? null : author },
        fetchPolicy: 'no-cache',
      })
      return data ? { kind: 'accepted', id: data.sendMessage.id, sentAt: data.sendMessage.sentAt } : { kind: 'unknown' }
    } catch (error) {
      if (!requiresToken(error)) return outcomeOf(error)
      refuse(chatId, wordsOf(error))
      return { kind: 'closed' }
    }
  }
}

function outcomeOf(error: unknown): SendOutcome {
  const code = codeOf(error)
  if (code === 'CONNECTION_LOST' || code === 'NO_ANSWER') return { kind: 'unknown' }
  if (code === 'REFUSED') return { kind: 'closed' } // the connection was refused before the message was sent
  if (CombinedGraphQLErrors.is(error)) {
    return { kind: 'refused', reason: error.errors.map(({ message }) => message).join(' ') }
  }
  const reason = wordsOf(error)
  return reason === '' ? { kind: 'unknown' } : { kind: 'refused', reason }
}
