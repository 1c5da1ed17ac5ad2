/**
 * Puts an entry into what a process remembers for as long as it lives, at most `max` entries: what was put there longest ago makes room.
 */
export function remember<Key, Value>(memory: Map<Key, Value>, key: Key, value: Value, max: number): void {
  memory.delete(key)
  const [oldest] = memory.keys()
  if (memory.size >= max && oldest !== undefined) memory.delete(oldest)
  memory.set(key, value)
}
