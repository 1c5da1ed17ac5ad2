/**
 * What the set-ups of this run have started. Jest loads them and teardown.ts in one process, so they share this list.
 */
const cleanUps: (() => Promise<void>)[] = []

export function cleanUpLater(cleanUp: () => Promise<void>): void {
  cleanUps.push(cleanUp)
}

/** Undoes all of it, last first. Doing it again does nothing. */
export async function cleanUpAll(): Promise<void> {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
}
