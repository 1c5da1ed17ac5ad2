'use strict'

const { connections, index, publishTo, receiveFrom, roles, sendTo, table } = require('./grants.cjs')

const clients = table('ClientsTable')
const clientsByTopic = index('ClientsTable', 'topic')
const messages = table('MessagesTable')
const messagesByEventId = index('MessagesTable', 'eventId')

/**
 * The calls that each function of the core may make. An application adds its grants in policies of its own: see
 * chat-roles.cjs. tests/package/permissions.test.ts runs the functions, and fails for a call without a grant, or a
 * grant without a call.
 */
module.exports = roles({
  connect: { calls: [clients('PutItem')] },
  default: {
    calls: [
      clients('GetItem', 'Query', 'UpdateItem', 'PutItem', 'DeleteItem', 'BatchWriteItem'),
      messages('Query'),
      publishTo('MessagesTopic', 'LeftoversTopic'),
      clientsByTopic('Query'),
      sendTo('Closings'),
      sendTo('RoomChanges'),
      connections('POST', 'DELETE'),
    ],
  },
  disconnect: { calls: [clients('Query', 'GetItem', 'PutItem', 'BatchWriteItem'), sendTo('RoomChanges')] },
  graphql: { calls: [clients('GetItem'), clientsByTopic('Query'), messages('Query'), publishTo('MessagesTopic')] },
  publish: {
    calls: [
      clientsByTopic('Query'),
      clients('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'),
      messages('GetItem', 'Query', 'PutItem', 'UpdateItem'),
      messagesByEventId('Query'),
      publishTo('LeftoversTopic'),
      sendTo('FailedEvents'), // Lambda sends there too, after three failed attempts
      sendTo('RoomChanges'),
      connections('POST', 'DELETE'),
    ],
    receives: [receiveFrom('RoomChanges')],
  },
  keepAlive: {
    calls: [
      clientsByTopic('Query'),
      clients('Query', 'GetItem', 'PutItem', 'BatchWriteItem'),
      sendTo('RoomChanges'),
      connections('POST', 'DELETE'),
    ],
  },
  closeConnections: { calls: [connections('DELETE')], receives: [receiveFrom('Closings')] },
  endUser: {
    calls: [clientsByTopic('Query'), clients('Query', 'BatchWriteItem'), sendTo('RoomChanges'), connections('DELETE')],
  },
})
