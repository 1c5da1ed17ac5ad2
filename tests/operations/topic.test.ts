import { expect, it } from '@jest/globals'
import { listenTo, topic } from '../../lib/channels/topic'

it('spells different parts as different topics, whatever characters they hold', () => {
  const spellings = [
    topic('chat', 'a', 'b'),
    topic('chat', 'a#b'),
    topic('chat', 'a%23b'),
    topic('chat#a', 'b'),
    topic('chat'),
  ]
  expect(new Set(spellings).size).toBe(spellings.length)
  expect(topic('chat', 'a', 'b')).toBe(topic('chat', 'a', 'b'))
})

it('listens to a topic once, however often it is named', () => {
  expect(listenTo(topic('chat', 'a'), topic('chat', 'a')).topics).toEqual([topic('chat', 'a')])
})
