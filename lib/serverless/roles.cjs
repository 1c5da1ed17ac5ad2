'use strict'

const { connections, index, publishTo, receiveFrom, roles, sendTo, table } = require('./grants.cjs')

const clients = table('ClientsTable')
const clientsByTopic = index('ClientsTable', 'topic')
const messages = table('MessagesTable')
const messagesByEventId = index('MessagesTable', 'eventId')

/**
 * What each function of the core may call. An application's grants stand beside these roles, in policies of their own:
 * chat-roles.cjs. tests/package/permissions.test.ts runs the functions, and fails for a call without a
 * grant or a grant without a call.
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
      messages('Query', 'PutItem', 'UpdateItem'),
      messagesByEventId('Query'),
      publishTo('LeftoversTopic'),
      sendTo('FailedEvents'), // as Lambda does, too, with what failed three times
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
