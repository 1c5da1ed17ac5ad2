import type { Subscriber } from '../clients/subscriber'
import type { ResponseFrame } from './response-frame'

/**
 * Makes the frame of each operation once. If the subscriber it is made for has gone, or making it fails, the next
 * subscriber is used. A cached frame is returned without a promise.
 */
export function frameCache(make: (subscriber: Subscriber) => Promise<ResponseFrame | undefined>) {
  const frames = new Map<string, ResponseFrame | Promise<ResponseFrame | undefined>>()

  const frameOf = (subscriber: Subscriber): ResponseFrame | Promise<ResponseFrame | undefined> => {
    const known = frames.get(subscriber.operation)
    if (known instanceof Promise) return known.then((frame) => frame ?? frameOf(subscriber))
    return known ?? begin(subscriber)
  }

  const begin = (subscriber: Subscriber): Promise<ResponseFrame | undefined> => {
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
