import { cleanUpLater } from './clean-ups'

const started = new Map<string, Promise<void>>()

/**
 * Starts what suites share. Projects that need the same share one start. `start` returns a function that stops it at
 * the end of the run.
 */
export function setUpOnce(name: string, start: () => Promise<() => Promise<void>>): Promise<void> {
  const starting = started.get(name) ?? start().then(cleanUpLater)
  started.set(name, starting)
  return starting
}
