import { expect, test } from '@jest/globals'
import type { Draft } from '../../web/src/conversation/conversation'
import { createOutbox, type Outbox, type OutboxEvent, type SendOutcome } from '../../web/src/conversation/outbox'

function draft(key: string): Draft {
  return { key, chatId: 'lobby', text: key, author: '', writtenAt: '2026-01-01T10:00:00.000Z' }
}

interface Attempt {
  readonly key: string
  readonly answer: (outcome: SendOutcome) => Promise<void>
}

interface Bench {
  readonly outbox: Outbox
  /** The outbox's events in words, such as `sending a`. */
  readonly told: readonly string[]
  /** The attempts that the service received, in order. */
  readonly attempts: readonly Attempt[]
  readonly open: () => void
}

function bench(): Bench {
  const told: string[] = []
  const attempts: Attempt[] = []
  const outbox = createOutbox((event) => told.push(words(event)))
  return {
    outbox,
    told,
    attempts,
    open: () => {
      outbox.open(
        ({ key }) =>
          new Promise((resolve) => {
            attempts.push({
              key,
              answer: async (outcome) => {
                resolve(outcome)
                await settled()
              },
            })
          }),
      )
    },
  }
}

function words(event: OutboxEvent): string {
  return event.kind === 'settled' ? `${event.outcome.kind} ${event.draft.key}` : `${event.kind} ${event.draft.key}`
}

/** Resolves after the callbacks of all promises that are settled by now. */
function settled(): Promise<void> {
  return new Promise(setImmediate)
}

const accepted: SendOutcome = { kind: 'accepted', id: '1', sentAt: '2026-01-01T10:00:00.000Z' }

function keys(attempts: readonly Attempt[]): readonly string[] {
  return attempts.map(({ key }) => key)
}

test('A draft waits until the service is reachable', () => {
  const { outbox, told, attempts, open } = bench()
  outbox.post(draft('a'))
  expect(attempts).toEqual([])
  open()
  expect(keys(attempts)).toEqual(['a'])
  expect(told).toEqual(['queued a', 'sending a'])
})

test('Drafts are sent one after another, in the order in which they were posted', async () => {
  const { outbox, attempts, open } = bench()
  for (const key of ['a', 'b', 'c']) outbox.post(draft(key))
  open()
  expect(keys(attempts)).toEqual(['a'])
  await attempts[0]?.answer(accepted)
  expect(keys(attempts)).toEqual(['a', 'b'])
  await attempts[1]?.answer(accepted)
  expect(keys(attempts)).toEqual(['a', 'b', 'c'])
})

test('Opening the outbox twice sends no draft twice', async () => {
  const { outbox, attempts, open } = bench()
  outbox.post(draft('a'))
  open()
  open()
  await attempts[0]?.answer(accepted)
  open()
  await settled()
  expect(keys(attempts)).toEqual(['a'])
})

test('An unanswered draft is not resent automatically, and the next draft is sent', async () => {
  const { outbox, told, attempts, open } = bench()
  open()
  outbox.post(draft('a'))
  outbox.post(draft('b'))
  outbox.close()
  await attempts[0]?.answer({ kind: 'unknown' })
  expect(keys(attempts)).toEqual(['a'])
  open()
  await settled()
  expect(keys(attempts)).toEqual(['a', 'b'])
  expect(told).toContain('unknown a')
})

test('An unanswered draft is resent once on request', async () => {
  const { outbox, attempts, open } = bench()
  open()
  outbox.post(draft('a'))
  await attempts[0]?.answer({ kind: 'unknown' })
  outbox.postAgain('a')
  outbox.postAgain('a')
  await attempts[1]?.answer(accepted)
  expect(keys(attempts)).toEqual(['a', 'a'])
})

test('A refused draft does not block the next one', async () => {
  const { outbox, told, attempts, open } = bench()
  open()
  outbox.post(draft('a'))
  outbox.post(draft('b'))
  await attempts[0]?.answer({ kind: 'refused', reason: 'Too long.' })
  expect(keys(attempts)).toEqual(['a', 'b'])
  expect(told).toContain('refused a')
})

test('A draft that the service did not process keeps its place until the outbox is reopened', async () => {
  const { outbox, attempts, open } = bench()
  open()
  outbox.post(draft('a'))
  outbox.post(draft('b'))
  await attempts[0]?.answer({ kind: 'closed' })
  expect(keys(attempts)).toEqual(['a'])
  open()
  await attempts[1]?.answer(accepted)
  expect(keys(attempts)).toEqual(['a', 'a', 'b'])
})

test('A draft that the service did not process holds up its own chat only', async () => {
  const { outbox, attempts, open } = bench()
  open()
  outbox.post(draft('a'))
  outbox.post(draft('b'))
  outbox.post({ ...draft('c'), chatId: 'terrace' })
  await attempts[0]?.answer({ kind: 'closed' })
  expect(keys(attempts)).toEqual(['a', 'c'])
  await attempts[1]?.answer(accepted)
  expect(keys(attempts)).toEqual(['a', 'c'])
})

test('A waiting draft can be withdrawn and is never sent', async () => {
  const { outbox, told, attempts, open } = bench()
  outbox.post(draft('a'))
  expect(outbox.withdraw('a')).toEqual(draft('a'))
  open()
  await settled()
  expect(attempts).toEqual([])
  expect(told).toEqual(['queued a', 'withdrawn a'])
})

test('A draft that is being sent cannot be withdrawn', () => {
  const { outbox, open } = bench()
  open()
  outbox.post(draft('a'))
  expect(outbox.withdraw('a')).toBeUndefined()
})
