import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { WebSocket } from 'ws'
import { type Chat, createChat } from '../../web/src/chat'
import { type GatewayStandIn, startGatewayStandIn } from '../client/support/gateway-stand-in'
import { until } from '../support/until'

let gateway: GatewayStandIn
let chat: Chat

beforeEach(async () => {
  Object.assign(globalThis, { WebSocket }) // Node 20 has none
  gateway = await startGatewayStandIn()
  chat = createChat({
    url: gateway.webSocketUrl,
    protocol: 'graphql-transport-ws',
    authToken: '',
    now: () => new Date(),
  })
})

afterEach(async () => {
  await (chat.client.link as GraphQLWsLink).client.dispose()
  await gateway.close()
})

const error = { message: 'This chat needs a token.', extensions: { code: 'UNAUTHENTICATED' } }

// Regression: the whole page was "Not connected", and no message was sent, after one room had asked for a token.
test('A room that needs a token holds back its own messages only, and sends them once there is a token', async () => {
  gateway.onMessage = ({ type, id, payload }, { send, received }) => {
    if (type !== 'subscribe') return false
    const isMember = received.some((frame) => frame.payload?.authToken === 'right')
    if (JSON.stringify(payload).includes('group:staff') && !isMember) send({ type: 'error', id, payload: [error] })
    else send({ type: 'next', id, payload: { data: { sendMessage: { id, sentAt: new Date().toISOString() } } } })
    return true
  }
  chat.write({ chatId: 'group:staff', text: 'To the staff', author: '' })
  chat.write({ chatId: 'lobby', text: 'To all', author: '' })
  await untilSent('lobby')
  expect(deliveryIn('group:staff')).toBe('queued')
  expect(chat.state()).toMatchObject({
    status: { state: 'live' },
    refusals: new Map([['group:staff', error.message]]),
  })

  chat.connectWith('right')
  await untilSent('group:staff')
  expect(chat.state().refusals).toEqual(new Map())
})

function deliveryIn(chatId: string): string | undefined {
  return chat.state().conversations.get(chatId)?.[0]?.delivery.state
}

function untilSent(chatId: string): Promise<unknown> {
  return until(
    () => Promise.resolve(deliveryIn(chatId)),
    (state) => state === 'sent',
  )
}
