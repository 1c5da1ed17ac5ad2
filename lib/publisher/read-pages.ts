import type { PageKey } from '../aws/table'
import type { Topic } from '../channels/topic'
import type { SubscriberPage } from '../clients/subscribers'
import type { Pages } from './assignment'
import type { Clock, FanOut } from './fan-out'
import type { LateMarker } from './mark-late'
import { messageOf } from '../errors'

export interface PageReading {
  /** Reads a page of a topic's subscribers. */
  readonly pageOf: (topic: Topic, from?: PageKey) => Promise<SubscriberPage>
  /** Adds a page to the fan-out. */
  readonly onPage: (page: SubscriberPage) => void
  readonly fanOut: Pick<FanOut, 'room'>
  readonly marker: LateMarker
  readonly clock: Clock
  /** The number of subscribers that this invocation takes from all of its topics together. */
  readonly bound: { readonly max: number; taken: number }
  /** Leaves pages to another invocation. @param failure the reason if this one could not read them */
  readonly leave: (pages: Pages, failure?: string) => Promise<void>
}

/**
 * Adds a topic's subscribers to a fan-out, page by page. The next page is read while the last one is posted, and added
 * when most of that is done. Stops at the bound, at the fan-out's deadline, or when a page cannot be read. The
 * remaining pages are left as soon as their start is known, so that their publisher runs in parallel.
 */
export async function readPages(pages: Pages, reading: PageReading): Promise<void> {
  const { onPage, fanOut, bound, leave } = reading
  for (let at = pages; ;) {
    const page = await readPage(at, reading)
    if (typeof page === 'string') return leave(at, page)
    bound.taken += page.subscribers.length + page.expired.length
    const next = page.next && { topic: at.topic, from: page.next }
    const isLast = !next || bound.taken >= bound.max
    if (next && isLast) await leave(next)
    const isInTime = await fanOut.room()
    if (!isInTime && !isLast) return leave(at)
    onPage(page)
    if (isLast) return
    at = next
  }
}

/** A page that arrives after its mark expired may have been read after it, so it is read again. */
const maxReads = 3

/** @returns the page, or why it could not be read */
async function readPage(
  { topic, from }: Pages,
  { pageOf, marker, clock }: PageReading,
): Promise<SubscriberPage | string> {
  try {
    for (let reads = 1; reads <= maxReads; reads++) {
      await marker.renew()
      const page = await pageOf(topic, from)
      if (clock.now() <= marker.untilMs) return page
    }
    return `Reading a page of subscribers took longer than 5 s, ${maxReads} times in a row.`
  } catch (error) {
    return messageOf(error)
  }
}
