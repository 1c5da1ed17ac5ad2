import { useEffect, useState, useSyncExternalStore } from 'react'
import { secondsLeft } from '../connection/backoff'
import type { ConnectionStatus } from '../connection/connection'

interface ConnectionStateProps {
  readonly status: ConnectionStatus
  readonly onConnectNow: () => void
}

/** Says how it stands with the connection. Screen readers hear each state once, and nothing of the count-down. */
export function ConnectionState({ status, onConnectNow }: ConnectionStateProps) {
  const online = useSyncExternalStore(subscribeToNetwork, isOnline)
  const look = status.state === 'waiting' && !online ? 'offline' : status.state
  return (
    <div className="connection" data-state={look}>
      <span role="status">{words[look]}</span>
      {status.state === 'waiting' && (
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
  connecting: 'Connecting',
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

/** The time in epoch milliseconds, for as long as it is rendered. */
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

/** What the browser knows of the network: without one, a service on this machine can still be reached. */
function isOnline(): boolean {
  return navigator.onLine
}

function subscribeToNetwork(listener: () => void): () => void {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
  }
}
