import { expect, it } from '@jest/globals'
import { createPublisher, InvalidEvent } from '../../lib'
import { boards } from '../fixture/api'

const sent: [unknown, string][] = []
const publish = createPublisher({
  topicArn: 'arn:topic',
  send: (message, topicArn) => Promise.resolve(sent.push([JSON.parse(message), topicArn])),
})

it('puts events and completions on the topic in the form of the wire', async () => {
  await publish(boards.event('a', { text: 'Hello' }, { id: 'e' }), boards.complete('a', { id: 'f', user: 'ann' }))
  expect(sent.splice(0)).toEqual([
    [{ channel: 'board', keys: ['a'], id: 'e', data: { text: 'Hello' } }, 'arn:topic'],
    [{ channel: 'board', keys: ['a'], id: 'f', complete: { user: 'ann' } }, 'arn:topic'],
  ])
})

it('publishes nothing if an event among them is wrong', async () => {
  const wrong = boards.event('a', { text: 7 as never })
  await expect(publish(boards.complete('a'), wrong)).rejects.toThrow(InvalidEvent)
  expect(sent).toEqual([])
})
