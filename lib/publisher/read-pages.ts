import type { Subscribers } from '../clients/subscribers'
import type { Cursor } from './assignment'
import type { FanOut } from './fan-out'

export interface PageReading {
  readonly cursor: Cursor
  readonly subscribers: Subscribers
  readonly fanOut: FanOut
  /** How many subscribers this invocation takes, from all of its cursors together. */
  readonly bound: { readonly max: number; taken: number }
}

/** Where another invocation has to go on reading, and why, if this one failed to. */
export interface PagesLeft {
  readonly cursor: Cursor
  readonly failure?: string
}

/**
 * Adds the subscribers from a cursor on to a fan-out, page by page. The next page is read while the last one is posted, and
 * waits for most of that to be done. Stops at the bound, at the fan-out's deadline, or when a page cannot be read.
 */
export async function readPages({ cursor, subscribers, fanOut, bound }: PageReading): Promise<PagesLeft | undefined> {
  const { topic } = cursor
  let left = cursor
  for (;;) {
    try {
      const page = await subscribers.page(topic, left.from)
      await fanOut.room()
      if (fanOut.isOver) return { cursor: left }
      fanOut.add(page.subscribers)
      bound.taken += page.subscribers.length
      if (!page.next) return undefined
      left = { topic, from: page.next }
      if (bound.taken >= bound.max) return { cursor: left }
    } catch (error) {
      return { cursor: left, failure: error instanceof Error ? error.message : String(error) }
    }
  }
}
