/**
 * Functions that stop what this run's set-ups have started. Jest loads the set-ups and teardown.ts in one process, so
 * they share this list.
 */
const cleanUps: (() => Promise<void>)[] = []

export function cleanUpLater(cleanUp: () => Promise<void>): void {
  cleanUps.push(cleanUp)
}

/**
 * Runs the clean-ups in reverse order. Idempotent. Rejects with the first error, and then skips the remaining
 * clean-ups.
 */
export async function cleanUpAll(): Promise<void> {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
}
