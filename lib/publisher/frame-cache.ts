import type { Subscriber } from '../clients/subscriber'

/**
 * Makes the frame of each operation once. If the subscriber that was asked for it has gone, the next one is asked; if it could
 * not be found out, too. A frame that is there comes without a promise.
 */
export function frameCache<Frame extends object>(make: (subscriber: Subscriber) => Promise<Frame | undefined>) {
  const frames = new Map<string, Frame | Promise<Frame | undefined>>()

  const frameOf = (subscriber: Subscriber): Frame | Promise<Frame | undefined> => {
    const known = frames.get(subscriber.operation)
    if (!known) return begin(subscriber)
    return known instanceof Promise ? wait(subscriber, known) : known
  }

  const wait = async (subscriber: Subscriber, making: Promise<Frame | undefined>) =>
    (await making) ?? (await frameOf(subscriber))

  const begin = (subscriber: Subscriber) => {
    const making = finish(subscriber, make(subscriber))
    frames.set(subscriber.operation, making)
    return making
  }

  const finish = async ({ operation }: Subscriber, making: Promise<Frame | undefined>) => {
    let frame: Frame | undefined
    try {
      frame = await making
    } finally {
      if (frame) frames.set(operation, frame)
      else frames.delete(operation)
    }
    return frame
  }

  return frameOf
}
