import { afterEach, expect, it } from '@jest/globals'
import { channelTopic } from '../../lib/channels/topic'
import { type FrameSocket, openFrameSocket } from '../support/frame-socket'
import { postGraphql } from '../support/post-graphql'
import { sharedService } from '../support/shared-service'
import { untilListening } from '../support/until-listening'

/** What a user of the chat may do, with tokens of the local issuer. */
const service = sharedService('chat')
const sockets: FrameSocket[] = []
const forbidden = { errors: [{ extensions: { code: 'FORBIDDEN' } }] }

afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()))
})

it('a user receives the translations of messages to them, and no other user does', async () => {
  const inbox = 'subscription { inbox { text author to chatId } }'
  const bob = await ask(inbox, 'sub=bob')
  const carol = await ask(inbox, 'sub=carol')
  await listening('inbox', 'bob', bob)
  await listening('inbox', 'carol', carol)
  await run('mutation { sendDirectMessage(to: "bob", text: "Thank you") { id } }', 'sub=alice')
  const [toBob] = await framesOf(bob, 1)
  const text = expect.stringMatching(/^(Merci|Danke)$/)
  expect(toBob).toEqual({ data: { inbox: { author: 'alice', to: 'bob', chatId: '', text } } })
  await run('mutation { sendDirectMessage(to: "carol", text: "For Carol") { id } }', 'sub=alice')
  for (const frame of await framesOf(carol, 1)) expect(frame).toMatchObject({ data: { inbox: { to: 'carol' } } })
})

it('a user may subscribe and write to the chats of their groups only', async () => {
  const write = 'mutation { sendMessage(chatId: "group:finance", text: "Hello") { chatId } }'
  const follow = 'subscription { chat(chatId: "group:finance") }'
  expect(await run(write, 'sub=dora')).toMatchObject(forbidden)
  expect(await framesOf(await ask(follow, 'sub=dora'), 1)).toMatchObject([forbidden])
  const member = await ask(follow, 'sub=erin&groups=finance')
  await listening('chat', 'group:finance', member)
  expect(await run(write, 'sub=erin&groups=finance')).toEqual({ data: { sendMessage: { chatId: 'group:finance' } } })
  expect((await framesOf(member, 1))[0]).toEqual({ data: { chat: expect.stringMatching(/^(Salut|Hallo)$/) } })
})

async function ask(query: string, claims: string): Promise<FrameSocket> {
  const socket = await openFrameSocket(`${service.webSocketUrl}?token=${await tokenOf(claims)}`)
  sockets.push(socket)
  socket.send({ query })
  return socket
}

async function framesOf(socket: FrameSocket, count: number): Promise<readonly unknown[]> {
  await socket.untilReceived(count)
  return socket.received.map((frame) => JSON.parse(frame) as unknown)
}

async function run(query: string, claims: string): Promise<unknown> {
  const authorization = `Bearer ${await tokenOf(claims)}`
  return (await postGraphql(service.httpUrl, { query }, { authorization })).json()
}

async function tokenOf(claims: string): Promise<string> {
  return (await fetch(`${String(service.tokenUrl)}?${claims}`)).text()
}

async function listening(channel: string, key: string, { received }: FrameSocket): Promise<void> {
  const topic = channelTopic(channel, key)
  await untilListening({ dynamoDbEndpoint: service.dynamoDbEndpoint, topic, subscribers: 1, received })
}
