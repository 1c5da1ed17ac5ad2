import type { Draft } from './conversation'

/** What became of a message. `unknown`: no answer came, so the service may or may not have it. */
export type SettledOutcome =
  | { readonly kind: 'accepted'; readonly id: string; readonly sentAt: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown' }

/** `closed`: the service did not look at the message, and will not before somebody is let in. */
export type SendOutcome = SettledOutcome | { readonly kind: 'closed' }

/** Sends one draft. Resolves with what became of it and never rejects. */
export type Send = (draft: Draft) => Promise<SendOutcome>

export type OutboxEvent =
  | { readonly kind: 'queued' | 'sending' | 'withdrawn'; readonly draft: Draft }
  | { readonly kind: 'settled'; readonly draft: Draft; readonly outcome: SettledOutcome }

export interface Outbox {
  /** Sends the draft behind those before it, now or when the outbox is open. */
  readonly post: (draft: Draft) => void
  /** Posts again what was refused or is unconfirmed. Does nothing for any other key. */
  readonly postAgain: (key: string) => void
  /** Takes back what was not accepted and returns it; undefined if it is too late or unknown. */
  readonly withdraw: (key: string) => Draft | undefined
  /** The service can be reached: sends what waits with `send`. */
  readonly open: (send: Send) => void
  /** The service cannot be reached: what waits goes on waiting. */
  readonly close: () => void
}

/**
 * Sends drafts one at a time, so that they arrive in the order in which they were written, and each of them once: what
 * got no answer is not sent again by itself, because the service cannot tell a message from its repetition. Keeps what
 * waits in memory, so it is lost with the page.
 */
export function createOutbox(tell: (event: OutboxEvent) => void): Outbox {
  const waiting: Draft[] = []
  const unsettled = new Map<string, Draft>()
  let send: Send | undefined
  let sending = false

  async function sendWaiting(): Promise<void> {
    if (sending) return
    sending = true
    for (let draft = next(); send && draft; draft = next()) await sendOne(draft, send)
    sending = false
  }

  /** The next draft to send, which leaves the queue; undefined when there is none, or nobody to send it. */
  function next(): Draft | undefined {
    return send ? waiting.shift() : undefined
  }

  async function sendOne(draft: Draft, by: Send): Promise<void> {
    tell({ kind: 'sending', draft })
    const outcome = await by(draft)
    if (outcome.kind === 'closed') {
      if (send === by) send = undefined
      waiting.unshift(draft)
      tell({ kind: 'queued', draft })
      return
    }
    if (outcome.kind !== 'accepted') unsettled.set(draft.key, draft)
    tell({ kind: 'settled', draft, outcome })
  }

  function post(draft: Draft): void {
    waiting.push(draft)
    tell({ kind: 'queued', draft })
    void sendWaiting()
  }

  return {
    post,
    postAgain(key) {
      const draft = unsettled.get(key)
      if (draft && unsettled.delete(key)) post(draft)
    },
    withdraw(key) {
      const index = waiting.findIndex((draft) => draft.key === key)
      const draft = index < 0 ? unsettled.get(key) : waiting.splice(index, 1)[0]
      unsettled.delete(key)
      if (draft) tell({ kind: 'withdrawn', draft })
      return draft
    },
    open(by) {
      send = by
      void sendWaiting()
    },
    close() {
      send = undefined
    },
  }
}
