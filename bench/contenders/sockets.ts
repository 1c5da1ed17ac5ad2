import { WebSocket } from 'ws'

/** The clients of the stateful server: opens as many sockets as requested, each with one subscription. */
process.on('message', ({ port, subscribers }: { port: number; subscribers: number }) => {
  void openAll(port, subscribers).then(() => process.send?.('open'))
})
process.on('disconnect', () => process.exit())

async function openAll(port: number, subscribers: number): Promise<void> {
  for (let n = 0; n < subscribers; n += 100) {
    await Promise.all(Array.from({ length: Math.min(100, subscribers - n) }, () => open(port, subscribers)))
  }
}

/** Resolves once the server has read the subscription: it answers the ping that follows it. */
function open(port: number, subscribers: number): Promise<void> {
  const socket = new WebSocket(`wss://localhost:${port}`, 'graphql-transport-ws')
  const query = `subscription { chat(chatId: "${subscribers}") }`
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => {
      socket.send('{"type":"connection_init"}')
    })
    socket.on('message', (data: Buffer) => {
      const { type } = JSON.parse(data.toString()) as { type: string }
      if (type === 'connection_ack') {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
        socket.send('{"type":"ping"}')
      }
      if (type === 'pong') resolve()
    })
  })
}
