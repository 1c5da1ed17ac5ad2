import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import { channelTopic } from '../../lib/channels/topic'
import { boards } from '../fixture/api'
import { sharedService } from '../support/shared-service'
import { stageName } from '../support/stage-name'
import { readStoredSubscriptions } from '../support/stored-subscriptions'
import { until } from '../support/until'

const service = sharedService('fixture')
const stored = readStoredSubscriptions(service)
const [, endpoint = ''] = /SNS +(\S+)/.exec(service.output()) ?? []
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const sns = new SNSClient({ endpoint, region: 'us-east-1', credentials })

afterAll(() => {
  stored.close()
  sns.destroy()
})

const listeners = (board: string) => stored.connectionsTo(channelTopic('board', board))

interface Client {
  readonly subscribe: (query: string, onComplete: () => void) => void
  readonly close: () => void
}

const clients: Readonly<Record<string, () => Client>> = {
  'graphql-ws': () => {
    const client = createClient({ url: service.webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 })
    return {
      subscribe: (query, complete) => {
        client.subscribe({ query }, { next: () => undefined, error: () => undefined, complete })
      },
      close: () => void client.dispose(),
    }
  },
  'subscriptions-transport-ws': () => {
    const client = new SubscriptionClient(service.webSocketUrl, { minTimeout: 10_000 }, WebSocket, [])
    return {
      subscribe: (query, complete) => {
        client.request({ query }).subscribe({ complete })
      },
      close: () => {
        client.close()
      },
    }
  },
}

it.each(Object.entries(clients))(
  '%s receives the completion of one subscription and keeps its connection and the other one',
  async (name, connect) => {
    const board = `completed ${name}`
    const client = connect()
    const completed: string[] = []
    for (const each of [board, `${board} 2`]) {
      client.subscribe(`subscription { notes(board: "${each}") { text } }`, () => completed.push(each))
    }
    const [connectionId] = await until(
      () => listeners(board),
      ({ length }) => length === 1,
    )
    await until(
      () => listeners(`${board} 2`),
      ({ length }) => length === 1,
    )
    const TopicArn = `arn:aws:sns:us-east-1:000000000000:${stageName('dev')}-messages`
    await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(boards.complete(board)) }))
    await until(
      async () => [completed.length, (await listeners(board)).length],
      ([told, left]) => told === 1 && left === 0,
    )
    expect(completed).toEqual([board])
    expect(await listeners(`${board} 2`)).toEqual([connectionId])
    client.close()
  },
)
