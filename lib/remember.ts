/** Adds an entry to a bounded in-memory cache. At `max` entries, the oldest one is evicted. */
export function remember<Key, Value>(memory: Map<Key, Value>, key: Key, value: Value, max: number): void {
  memory.delete(key)
  const [oldest] = memory.keys()
  if (memory.size >= max && oldest !== undefined) memory.delete(oldest)
  memory.set(key, value)
}
