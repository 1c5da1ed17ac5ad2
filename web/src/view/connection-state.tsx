import { useEffect, useState } from 'react'
import type { ConnectionState as State } from 'serverless-graphql-subscriptions/client'
import { secondsLeft } from './seconds-left'

interface ConnectionStateProps {
  readonly status: State
  readonly onConnectNow: () => void
}

/** Shows the state of the connection. Screen readers announce each state once, without the count-down. */
export function ConnectionState({ status, onConnectNow }: ConnectionStateProps) {
  return (
    <div className="connection" data-state={status.state}>
      <span role="status">{words[status.state]}</span>
      {'untilMs' in status && (
        <>
          <Countdown untilMs={status.untilMs} />
          <button type="button" className="quiet" onClick={onConnectNow}>
            Try now
          </button>
        </>
      )}
    </div>
  )
}

const words = {
  closed: 'Connecting',
  connecting: 'Connecting',
  catchingUp: 'Catching up',
  live: 'Live',
  waiting: 'Reconnecting',
  offline: 'Offline',
  refused: 'Not connected',
} as const

function Countdown({ untilMs }: { readonly untilMs: number }) {
  const seconds = secondsLeft(untilMs, useNow())
  return (
    <span className="countdown" aria-hidden="true">
      {seconds === 0 ? 'now' : `in ${seconds} s`}
    </span>
  )
}

const tickMs = 200

/** The current time in epoch milliseconds, updated while rendered. */
function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const ticking = setInterval(() => {
      setNow(Date.now())
    }, tickMs)
    return () => {
      clearInterval(ticking)
    }
  }, [])
  return now
}
