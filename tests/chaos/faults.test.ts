import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Plan } from '../../chaos/plan'
import { seededRandom } from '../../chaos/random'
import { type Chat, type CloudUnderTest, startCloudUnderTest } from './support/cloud-under-test'

/** Each befalls the service while two real clients listen to a chat, messages are posted to it, and the clients drop their sockets. */
const faultsOfEachKind: Readonly<Record<string, Plan>> = {
  'DynamoDB throttles every second call': [{ fault: 'throttled', of: { service: 'dynamodb' }, every: 2, times: 80 }],
  // Three publishers that try to read a page, one right after the other, take 4.7 s on average, and 3 s by chance.
  'DynamoDB throttles every call for a second and a half': [
    { fault: 'throttled', of: { service: 'dynamodb' }, from: 5, forMs: 1_500 },
  ],
  'DynamoDB answers 500, or has done what it does not answer': [
    { fault: 'serverError', of: { service: 'dynamodb' }, every: 3, times: 50 },
    { fault: 'answerLost', of: { service: 'dynamodb' }, every: 4, times: 50 },
  ],
  'DynamoDB does not answer, until each function gives it up': [
    { fault: 'noAnswer', of: { service: 'dynamodb', functionName: 'publish' }, from: 2, times: 1 },
    { fault: 'noAnswer', of: { service: 'dynamodb', functionName: 'connect' }, times: 1 },
    { fault: 'noAnswer', of: { service: 'dynamodb', functionName: 'default' }, from: 2, every: 3, times: 2 },
    { fault: 'noAnswer', of: { service: 'dynamodb', functionName: 'disconnect' }, times: 1 },
  ],
  'SNS delivers every message twice and out of order': [
    { mishap: 'deliveredTwice' },
    { mishap: 'deliveredLate', every: 3 },
  ],
  'SNS throttles, answers 500, or has taken what it does not answer': [
    { fault: 'throttled', of: { service: 'sns' }, every: 3, times: 20 },
    { fault: 'serverError', of: { service: 'sns' }, every: 4, times: 20 },
    { fault: 'answerLost', of: { service: 'sns' }, every: 5, times: 20 },
  ],
  'SNS does not answer, until each function gives it up': [
    { fault: 'noAnswer', of: { service: 'sns', functionName: 'graphql' }, times: 1 },
    { fault: 'noAnswer', of: { service: 'sns', functionName: 'translate-fr' }, times: 1 },
    { fault: 'noAnswer', of: { service: 'sns', functionName: 'default' }, times: 1 },
  ],
  '@connections answers 410': [
    { fault: 'gone', of: { service: 'execute-api', functionName: 'publish' }, from: 3, every: 5, times: 4 },
  ],
  '@connections answers 500, or has posted what it does not answer': [
    { fault: 'serverError', of: { service: 'execute-api' }, every: 2, times: 20 },
    { fault: 'answerLost', of: { service: 'execute-api' }, every: 5, times: 10 },
  ],
  '@connections does not answer': [{ fault: 'noAnswer', of: { service: 'execute-api' }, every: 3, times: 8 }],
  'Translate throttles': [{ fault: 'throttled', of: { service: 'translate' }, every: 2, times: 10 }],
  'Translate answers 500': [{ fault: 'serverError', of: { service: 'translate' }, from: 2, times: 6 }],
  'Translate does not answer, until Lambda ends its function': [
    { fault: 'noAnswer', of: { service: 'translate', functionName: 'translate-de' }, from: 2, times: 1 },
  ],
  'a $disconnect never comes': [{ mishap: 'disconnectNeverComes' }],
}

describe('nothing is lost, logged twice or left behind when', () => {
  let on: CloudUnderTest
  beforeAll(async () => {
    on = await startCloudUnderTest({
      environment: { PUBLISH_POST_TIMEOUT_MS: '400' },
      timeoutsMs: { 'translate-de': 2_000 },
    })
  })
  afterEach(() => {
    on.faults.follow([])
  })
  afterAll(() => on.close())

  it.each(Object.entries(faultsOfEachKind))('%s', async (_name, plan) => {
    const chat = await openLiveChat(on)
    on.faults.follow(plan)
    for (const text of texts) {
      await chat.say(text)
      if (text === 'two') for (const { drop } of chat.clients) drop()
    }
    await on.untilNothingIsLost(chat)
    expect(on.faults.outstanding()).toEqual([])
    on.faults.follow([])
    await on.untilNothingIsLeft(chat)
  })

  it('SNS brings messages out of order', async () => {
    const chat = await openLiveChat(on)
    on.faults.follow([{ mishap: 'deliveredLate', times: 2 }]) // the first message, to both translators
    for (const text of texts) await chat.say(text)
    await on.untilNothingIsLost(chat)
    const logged = (await on.tables.logOf(chat.chatId)).map(({ event }) => event.sourceText)
    expect([...new Set(logged)]).not.toEqual([greeting, ...texts])
    await on.untilNothingIsLeft(chat)
  })

  it('clients drop their sockets at random and come back', async () => {
    const random = seededRandom(7)
    const chat = await openLiveChat(on)
    let drops = 0
    for (const text of [...texts, ...texts]) {
      const dropping = chat.clients.filter(() => random() < 0.5)
      for (const { drop } of dropping) drop()
      drops += dropping.length
      await Promise.all([chat.say(text), sleep(random() * 200)])
    }
    expect(drops).toBeGreaterThan(2)
    await on.untilNothingIsLost(chat)
    await on.untilNothingIsLeft(chat)
  })

  it('Translate fails for good, which the chat is told; of the other language nothing is missing', async () => {
    const chat = await openLiveChat(on)
    on.faults.follow([{ fault: 'serverError', of: { service: 'translate', functionName: 'translate-fr' } }])
    for (const text of texts) await chat.say(text)
    await on.untilNothingIsLost(chat)
    const events = (await on.tables.logOf(chat.chatId)).map(({ event }) => event)
    for (const text of texts) {
      const { fr, de } = Object.fromEntries(
        events.filter(({ sourceText }) => sourceText === text).map(({ language, error }) => [language, error]),
      )
      expect(fr).toMatch('could not be translated')
      expect(de).toBeNull()
    }
    on.faults.follow([])
    await on.untilNothingIsLeft(chat)
  })
})

describe('nothing is lost, logged twice or left behind when an invocation of the publisher is shorter than', () => {
  let on: CloudUnderTest
  beforeAll(async () => {
    // It posts for half of its time: on AWS for fifty seconds, here for three.
    on = await startCloudUnderTest({ timeoutsMs: { publish: 6_000 } })
  })
  afterAll(() => on.close())

  it('the time for which @connections answers 429, in deliveries and in replays', async () => {
    const chat = await openLiveChat(on)
    on.faults.follow([{ fault: 'throttled', of: { service: 'execute-api' }, forMs: 4_000 }])
    for (const text of texts) await chat.say(text)
    chat.joinCurrent(0)
    await on.untilNothingIsLost(chat)
    expect(on.faults.calls({ service: 'sns', functionName: 'publish' })).toBeGreaterThan(0) // it has handed its work on
    await on.untilNothingIsLeft(chat)
  })
})

const greeting = 'zero'
const texts = ['one', 'two', 'three', 'four']

/** A chat with a client of either library, which have heard a message already. */
async function openLiveChat({ openChat, tables, untilNothingIsLost }: CloudUnderTest): Promise<Chat> {
  const chat = openChat()
  chat.joinLegacy()
  chat.joinCurrent()
  await tables.untilSubscribed(chat.chatId, 2)
  await chat.say(greeting)
  await untilNothingIsLost(chat)
  return chat
}
