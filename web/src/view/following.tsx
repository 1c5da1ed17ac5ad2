import { useSubscription } from '@apollo/client/react'
import { useState } from 'react'
import { accessProblem } from '../connection/access'
import type { DeliveredMessage } from '../conversation/conversation'
import { MessagesDocument } from '../generated'

interface FollowingProps {
  readonly chatId: string
  /** Empty: every message is wanted, whatever it is translated into. */
  readonly languages: readonly string[]
  readonly onMessage: (chatId: string, message: DeliveredMessage) => void
  /** The service lets nobody in, or no longer. */
  readonly onRefused: (reason: string) => void
}

/**
 * Subscribes to a chat for as long as it is rendered: once for each language, so that picking one more leaves those
 * that run alone, and nothing is missed in between. Shows why when the service refuses.
 */
export function Following({ chatId, languages, onMessage, onRefused }: FollowingProps) {
  const [problem, setProblem] = useState<string>()
  const [attempt, setAttempt] = useState(0)

  function fail(reason: string): void {
    if (accessProblem(reason)) onRefused(reason)
    else setProblem(reason)
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
  readonly onError: (reason: string) => void
}

function Subscription({ chatId, languages, onMessage, onError }: SubscriptionProps): null {
  useSubscription(MessagesDocument, {
    variables: { chatId, languages },
    fetchPolicy: 'no-cache',
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      if (data) onMessage(chatId, data.messages)
    },
    onError: ({ message }) => {
      onError(message)
    },
  })
  return null
}
