import type { Draft } from './conversation'

/** The outcome of sending a message. `unknown`: no answer arrived, so the service may or may not have it. */
export type SettledOutcome =
  | { readonly kind: 'accepted'; readonly id: string; readonly sentAt: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown' }

/** `closed`: the service took no message of this chat, and will take none until there is a valid token. */
export type SendOutcome = SettledOutcome | { readonly kind: 'closed' }

/** Sends one draft. Resolves with the outcome; never rejects. */
export type Send = (draft: Draft) => Promise<SendOutcome>

export type OutboxEvent =
  | { readonly kind: 'queued' | 'sending' | 'withdrawn'; readonly draft: Draft }
  | { readonly kind: 'settled'; readonly draft: Draft; readonly outcome: SettledOutcome }

export interface Outbox {
  /** Queues a draft. It is sent after earlier ones, while the outbox is open. */
  readonly post: (draft: Draft) => void
  /** Sends a refused or unconfirmed draft again. Ignores any other key. */
  readonly postAgain: (key: string) => void
  /** Withdraws a draft that was not accepted, and returns it; undefined if it is too late or the key is unknown. */
  readonly withdraw: (key: string) => Draft | undefined
  /** Call when connected. Sends waiting drafts with `send`, those of closed chats included. */
  readonly open: (send: Send) => void
  /** Call when disconnected. Drafts wait from then on. */
  readonly close: () => void
}

/**
 * Sends drafts one at a time, so that those of a chat arrive in the order in which they were written. A draft without
 * an answer is not resent automatically, because the service could not detect a duplicate. Drafts are kept in memory
 * only.
 */
export function createOutbox(tell: (event: OutboxEvent) => void): Outbox {
  const waiting: Draft[] = []
  const unsettled = new Map<string, Draft>()
  const closedChats = new Set<string>()
  let send: Send | undefined
  let sending = false

  async function sendWaiting(): Promise<void> {
    if (sending) return
    sending = true
    for (let draft = next(); send && draft; draft = next()) await sendOne(draft, send)
    sending = false
  }

  /** Takes the next draft from the queue; undefined if none can be sent now. */
  function next(): Draft | undefined {
    const index = send ? waiting.findIndex(({ chatId }) => !closedChats.has(chatId)) : -1
    return index < 0 ? undefined : waiting.splice(index, 1)[0]
  }

  async function sendOne(draft: Draft, by: Send): Promise<void> {
    tell({ kind: 'sending', draft })
    const outcome = await by(draft)
    if (outcome.kind === 'closed') {
      closedChats.add(draft.chatId)
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
      closedChats.clear()
      void sendWaiting()
    },
    close() {
      send = undefined
    },
  }
}
