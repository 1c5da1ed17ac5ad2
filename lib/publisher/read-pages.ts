import type { PageKey } from '../aws/table'
import type { Topic } from '../channels/topic'
import type { Subscriber } from '../clients/subscriber'
import type { SubscriberPage } from '../clients/subscribers'
import type { Cursor } from './assignment'
import type { Clock, FanOut } from './fan-out'
import type { LateMarker } from './mark-late'
import { messageOf } from '../errors'

export interface PageReading {
  readonly cursor: Cursor
  /** Reads a page of a topic's subscribers. */
  readonly pageOf: (topic: Topic, from?: PageKey) => Promise<SubscriberPage>
  readonly fanOut: FanOut
  readonly marker: LateMarker
  readonly clock: Clock
  /** Leaves out subscribers that another cursor has found: a subscription may match an event by two of its tags. */
  readonly distinct: (found: readonly Subscriber[]) => readonly Subscriber[]
  /** Hears of the subscribers that have expired: nothing is for them. */
  readonly onExpired: (expired: readonly Subscriber[]) => void
  /** How many subscribers this invocation takes, from all of its cursors together. */
  readonly bound: { readonly max: number; taken: number }
  /** Gives pages to another invocation. */
  readonly leave: (left: PagesLeft) => Promise<void>
}

/** Where another invocation has to go on reading, and why, if this one failed to. */
export interface PagesLeft {
  readonly cursor: Cursor
  readonly failure?: string
}

/**
 * Adds the subscribers from a cursor on to a fan-out, page by page. The next page is read while the last one is posted, and waits for
 * most of that to be done. Stops at the bound, at the fan-out's deadline, or when a page cannot be read; the pages
 * after that are left as soon as it is known where they begin, so that their publisher need not wait for this one.
 */
export async function readPages(reading: PageReading): Promise<void> {
  const { cursor, fanOut, distinct, onExpired, bound, leave } = reading
  const { topic } = cursor
  for (let at = cursor; ;) {
    const page = await readPage(at, reading)
    if (typeof page === 'string') return leave({ cursor: at, failure: page })
    bound.taken += page.subscribers.length + page.expired.length
    const rest = page.next && { topic, from: page.next }
    const isLast = !rest || bound.taken >= bound.max
    if (rest && isLast) await leave({ cursor: rest })
    await fanOut.room()
    if (fanOut.isOver && !isLast) return leave({ cursor: at })
    onExpired(page.expired)
    fanOut.add(distinct(page.subscribers))
    if (isLast) return
    at = rest
  }
}

/** A page that takes longer than its mark may have been read when that was over: it is read again. */
const maxReads = 3

/** @returns the page, or why it could not be read */
async function readPage(
  { topic, from }: Cursor,
  { pageOf, marker, clock }: PageReading,
): Promise<SubscriberPage | string> {
  try {
    for (let reads = 1; reads <= maxReads; reads++) {
      await marker.renew()
      const page = await pageOf(topic, from)
      if (clock.now() <= marker.untilMs) return page
    }
    return `A page of subscribers took longer than 5 s to read, ${maxReads} times.`
  } catch (error) {
    return messageOf(error)
  }
}
