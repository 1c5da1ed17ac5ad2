// Prints the changes of an order, and of the connection: node clients/watch-order.mjs <WebSocket URL> <token> <order>
import console from 'node:console'
import process from 'node:process'
import { createClient } from 'graphql-ws'
import { createConnection } from 'serverless-graphql-subscriptions/client'
import { WebSocket } from 'ws' // browsers and Node 22 have their own

const [url, token, orderId] = process.argv.slice(2)
const connection = createConnection({ webSocketImpl: WebSocket, connectionParams: { token } })
connection.onState(() => console.log(connection.state().state))

const client = createClient({ url, webSocketImpl: connection.WebSocket })
const query = 'subscription ($orderId: ID!) { orderStatus(orderId: $orderId) { status version } }'
for await (const { data, errors } of client.iterate({ query, variables: { orderId } })) {
  console.log(errors ?? data.orderStatus)
}
