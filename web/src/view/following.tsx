import { useSubscription } from '@apollo/client/react'
import { useState } from 'react'
import { requiresToken } from '../connection/access'
import { wordsOf } from '../connection/words'
import type { DeliveredMessage } from '../conversation/conversation'
import { MessagesDocument } from '../generated'
import { focusComposer } from './composer'

interface FollowingProps {
  readonly chatId: string
  /** Empty: all messages, regardless of their translations. */
  readonly languages: readonly string[]
  readonly onMessage: (chatId: string, message: DeliveredMessage) => void
  /** Called if the chat requires a token. */
  readonly onRefused: (chatId: string, reason: string) => void
}

/**
 * Subscribes to a chat while rendered. One subscription per language: selecting another language does not interrupt the
 * others, so nothing is missed. Shows the reason if the service refuses.
 */
export function Following({ chatId, languages, onMessage, onRefused }: FollowingProps) {
  const [problem, setProblem] = useState<string>()
  const [attempt, setAttempt] = useState(0)

  function fail(error: unknown): void {
    if (requiresToken(error)) onRefused(chatId, wordsOf(error))
    else setProblem(wordsOf(error))
  }

  const subscriptions = languages.length > 0 ? languages.map((language) => [language]) : [null]
  return (
    <>
      {subscriptions.map((wanted) => (
        <Subscription
          key={`${wanted?.join() ?? 'all'} ${attempt}`}
          chatId={chatId}
          languages={wanted}
          onMessage={onMessage}
          onError={fail}
        />
      ))}
      {problem !== undefined && (
        <div className="notice" role="alert">
          <p>New messages of this room do not arrive. The service says: {problem}</p>
          <button
            type="button"
            onClick={() => {
              setProblem(undefined)
              setAttempt(attempt + 1)
              focusComposer()
            }}
          >
            Try again
          </button>
        </div>
      )}
    </>
  )
}

interface SubscriptionProps {
  readonly chatId: string
  readonly languages: readonly string[] | null
  readonly onMessage: (chatId: string, message: DeliveredMessage) => void
  readonly onError: (error: unknown) => void
}

function Subscription({ chatId, languages, onMessage, onError }: SubscriptionProps): null {
  useSubscription(MessagesDocument, {
    variables: { chatId, languages },
    fetchPolicy: 'no-cache',
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      if (data) onMessage(chatId, data.messages)
    },
    onError,
  })
  return null
}
