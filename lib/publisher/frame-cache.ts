import type { Subscriber } from '../clients/subscriber'

/**
 * Makes the frame of each operation once. If the subscriber it is made for has gone, or making it fails, the next
 * subscriber is used. A cached frame is returned without a promise.
 */
export function frameCache<Frame extends object>(make: (subscriber: Subscriber) => Promise<Frame | undefined>) {
  const frames = new Map<string, Frame | Promise<Frame | undefined>>()

  const frameOf = (subscriber: Subscriber): Frame | Promise<Frame | undefined> => {
    const known = frames.get(subscriber.operation)
    if (known instanceof Promise) return known.then((frame) => frame ?? frameOf(subscriber))
    return known ?? begin(subscriber)
  }

  const begin = (subscriber: Subscriber): Promise<Frame | undefined> => {
    const { operation } = subscriber
    const making = make(subscriber).finally(() => frames.delete(operation))
    const made = making.then((frame) => {
      if (frame) frames.set(operation, frame)
      return frame
    })
    frames.set(operation, made)
    return made
  }

  return frameOf
}
