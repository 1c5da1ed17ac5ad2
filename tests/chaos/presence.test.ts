import { expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { createConnection } from 'serverless-graphql-subscriptions/client'
import { WebSocket } from 'ws'
import type { Plan } from '../../chaos/plan'
import { until } from '../support/until'
import { startCloudUnderTest } from './support/cloud-under-test'
import { startSpoiledLines } from './support/spoiled-lines'

interface State {
  readonly at: string
  readonly count: number
  readonly members: readonly { readonly name: string }[] | null
}

/** A member of a room, with the client package. */
function enter(url: string, name: string) {
  const sockets: WebSocket[] = []
  class Line extends WebSocket {
    constructor(...[address, protocols]: ConstructorParameters<typeof WebSocket>) {
      super(address, protocols)
      sockets.push(this)
    }
  }
  let latest: State | undefined
  const connection = createConnection({ webSocketImpl: Line, answerSeconds: 2, longestPauseSeconds: 0.2 })
  const client = createClient({ url, webSocketImpl: connection.WebSocket })
  const query = `subscription { guests(board: "room", name: "${name}") { at count members { name } } }`
  client.subscribe<{ readonly guests: State }>(
    { query },
    {
      next: ({ data }) => {
        if (data && !(latest && latest.at > data.guests.at)) latest = data.guests
      },
      error: () => undefined,
      complete: () => undefined,
    },
  )
  return {
    name,
    latest: () => latest,
    names: () => latest?.members?.map((member) => member.name).sort(),
    /** Breaks its line. The client reconnects. */
    cut: () => sockets.at(-1)?.terminate(),
    leave: () => {
      Promise.resolve(client.dispose()).catch(() => undefined)
    },
  }
}

type Guest = ReturnType<typeof enter>

function untilAllKnow(guests: readonly Guest[], names: readonly string[]) {
  return until(
    () => Promise.resolve(guests.map((guest) => guest.names())),
    (told) => told.every((known) => JSON.stringify(known) === JSON.stringify(names.toSorted())),
  )
}

const deaths: Plan = [
  { fault: 'killedAfter', of: { functionName: 'publish' }, from: 3, every: 7, times: 5 },
  { fault: 'killedAfter', of: { functionName: 'default' }, from: 4, every: 9, times: 2 },
  { mishap: 'deliveredTwice', every: 2 },
  { mishap: 'disconnectNeverComes', times: 1 },
]

it('All members receive the true state although functions die, messages arrive twice and lines are cut', async () => {
  const on = await startCloudUnderTest({ sqsSecondMs: 1_000 })
  const guests: Guest[] = []
  try {
    const url = on.cloud.gateway.webSocketUrl
    const names = ['Ann', 'Ben', 'Cem', 'Dan', 'Eva']
    on.faults.follow(deaths)
    for (const name of names) guests.push(enter(url, name))
    await untilAllKnow(guests, names)
    for (const guest of guests.slice(1)) guest.cut()
    guests.shift()?.leave()
    await untilAllKnow(guests, names.slice(1))
    expect([...on.faults.counts.keys()]).toEqual(expect.arrayContaining(['disconnectNeverComes', 'deliveredTwice']))
  } finally {
    for (const { leave } of guests) leave()
    await on.close()
  }
})

it('All 200 members of a room receive a state with all 200', async () => {
  const lines = await startSpoiledLines()
  const sockets: WebSocket[] = []
  const latest = new Map<number, State>()
  const join = (n: number) =>
    new Promise<void>((resolve) => {
      const socket = new WebSocket(lines.webSocketUrl)
      sockets.push(socket)
      const query = `subscription { guests(board: "crowd", name: "${n}") { at count members { name } } }`
      socket.on('open', () => {
        socket.send(JSON.stringify({ query }))
      })
      socket.on('message', (text: Buffer) => {
        const { data } = JSON.parse(text.toString()) as { readonly data: { readonly guests: State } }
        const known = latest.get(n)
        if (!known || known.at <= data.guests.at) latest.set(n, data.guests)
        resolve()
      })
    })
  try {
    // A few at a time: all functions are in this one process.
    for (let n = 0; n < 200; n += 5) await Promise.all([0, 1, 2, 3, 4].map((more) => join(n + more)))
    const told = await until(
      () => Promise.resolve([...latest.values()]),
      (states) => states.every(({ count }) => count === 200),
    )
    expect(told.map(({ members }) => members)).toEqual(Array.from({ length: 200 }, () => null))
  } finally {
    for (const socket of sockets) socket.terminate()
    await lines.close()
  }
})
