import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client'
import { expect, it } from '@jest/globals'
import { from } from 'rxjs'
import { once } from '../../web/src/connection/once'

const subscription = gql`
  subscription {
    messages(chatId: "a") {
      sequence
      text
    }
  }
`

/** What a client with the link hands on of these events. */
async function through(events: readonly object[]): Promise<readonly unknown[]> {
  const source = new ApolloLink(() => from(events.map((messages) => ({ data: { messages } }))))
  const client = new ApolloClient({ link: ApolloLink.from([once(), source]), cache: new InMemoryCache() })
  const heard: unknown[] = []
  await client
    .subscribe<{ messages: unknown }>({ query: subscription, fetchPolicy: 'no-cache' })
    .forEach(({ data }) => heard.push(data?.messages))
  return heard
}

const message = (sequence: number) => ({ sequence, text: `text ${sequence}` })

it('hands on each message once, however often and in whatever order it comes', async () => {
  const events = [1, 2, 2, 4, 3, 1, 4, 5].map(message)
  expect(await through(events)).toEqual([1, 2, 4, 3, 5].map(message))
})

it('hands on whatever has no number', async () => {
  const events = [{ text: 'a' }, { text: 'a' }]
  expect(await through(events)).toEqual(events)
})

it('remembers ten thousand messages, and no more', async () => {
  const many = Array.from({ length: 10_001 }, (_, n) => message(n))
  expect(await through([...many, message(1), message(0)])).toHaveLength(10_002)
})

it('recognises nothing of another subscription', async () => {
  expect(await through([message(1)])).toHaveLength(1)
  expect(await through([message(1)])).toHaveLength(1)
})
