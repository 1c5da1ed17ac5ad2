import { type ApolloClient, CombinedGraphQLErrors } from '@apollo/client'
import type { Send, SendOutcome } from '../conversation/outbox'
import { SendMessageDocument } from '../generated'
import { accessProblem } from './access'
import { wordsOf } from './words'

/** Sends messages with `client`. @param refuse hears why the service lets nobody in who sends with this token */
export function sendWith(client: ApolloClient, refuse: (reason: string) => void): Send {
  return async (draft) => {
    const outcome = await send(client, draft)
    if (outcome.kind !== 'refused' || !accessProblem(outcome.reason)) return outcome
    refuse(outcome.reason)
    return { kind: 'closed' }
  }
}

async function send(client: ApolloClient, { chatId, text, author }: Parameters<Send>[0]): Promise<SendOutcome> {
  try {
    const { data } = await client.mutate({
      mutation: SendMessageDocument,
      variables: { chatId, text, author: author === '' ? null : author },
      fetchPolicy: 'no-cache',
    })
    return data ? { kind: 'accepted', id: data.sendMessage.id, sentAt: data.sendMessage.sentAt } : { kind: 'unknown' }
  } catch (error) {
    return outcomeOf(error)
  }
}

function outcomeOf(error: unknown): SendOutcome {
  const code = codeOf(error)
  if (code === 'CONNECTION_LOST' || code === 'NO_ANSWER') return { kind: 'unknown' }
  if (code === 'REFUSED') return { kind: 'closed' } // the connection was, before the message was sent
  if (CombinedGraphQLErrors.is(error)) {
    return { kind: 'refused', reason: error.errors.map(({ message }) => message).join(' ') }
  }
  const reason = wordsOf(error)
  return reason === '' ? { kind: 'unknown' } : { kind: 'refused', reason }
}

/** `GraphQLWsLink` hands on a list of errors, `WebSocketLink` the first one, which is no Error. */
function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined
  if (CombinedGraphQLErrors.is(error)) return error.errors[0]?.extensions?.['code']
  if ('cause' in error) return codeOf(error.cause)
  return 'extensions' in error ? (error.extensions as { readonly code?: unknown }).code : undefined
}
