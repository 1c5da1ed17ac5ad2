import { type ApolloClient, CombinedGraphQLErrors } from '@apollo/client'
import { TimeoutError } from 'rxjs'
import type { Send, SendOutcome } from '../conversation/outbox'
import { SendMessageDocument } from '../generated'
import { accessProblem } from './access'
import { type Connection, ConnectionLostError } from './connection'
import { wordsOf } from './words'

/** Sends messages over `connection`, and gives it up when the service no longer accepts its token. */
export function sendOver({ client, refuse }: Connection): Send {
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
  if (error instanceof ConnectionLostError || error instanceof TimeoutError) return { kind: 'unknown' }
  if (CombinedGraphQLErrors.is(error)) {
    return { kind: 'refused', reason: error.errors.map(({ message }) => message).join(' ') }
  }
  const reason = wordsOf(error)
  return reason === '' ? { kind: 'unknown' } : { kind: 'refused', reason }
}
