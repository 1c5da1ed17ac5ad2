/**
 * Runs a task for each item as the items come, at most `limit` at once. Resolves when all have ended; a task that throws stops
 * the taking of further items and makes it reject, after those under way have ended.
 */
export async function concurrently<T>({
  items,
  limit,
  run,
}: {
  items: AsyncGenerator<T>
  limit: number
  run: (item: T) => Promise<void>
}): Promise<void> {
  const worker = async () => {
    // Not `for await`: that would close the generator for all workers when one of them leaves its loop.
    for (let next = await items.next(); !next.done; next = await items.next()) await run(next.value)
  }
  const outcomes = await Promise.allSettled(Array.from({ length: limit }, worker))
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure) throw failure.reason
}
