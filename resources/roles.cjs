'use strict'

const { connections, index, publishTo, roles, table } = require('./grants.cjs')

const clients = table('ClientsTable')
const clientsByTopic = index('ClientsTable', 'topic')
const messages = table('MessagesTable')
const messagesByEventId = index('MessagesTable', 'eventId')

/**
 * What each function may call. tests/package/permissions.test.ts runs the functions, and fails for a call without a
 * grant or a grant without a call.
 */
module.exports = roles({
  connect: { calls: [clients('PutItem')] },
  default: {
    calls: [
      clients('GetItem', 'Query', 'UpdateItem', 'PutItem', 'DeleteItem', 'BatchWriteItem'),
      messages('Query'),
      publishTo('RequestsTopic', 'LeftoversTopic'),
      connections('POST', 'DELETE'),
    ],
  },
  disconnect: { calls: [clients('Query', 'GetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem')] },
  graphql: { calls: [messages('Query'), publishTo('RequestsTopic')] },
  publish: {
    calls: [
      clientsByTopic('Query'),
      clients('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'),
      messages('Query', 'PutItem', 'UpdateItem'),
      messagesByEventId('Query'),
      publishTo('LeftoversTopic', 'UndeliveredTopic'), // to the second one Lambda, too, sends: `onError`
      connections('POST'),
    ],
  },
  keepAlive: {
    calls: [
      clientsByTopic('Query'),
      clients('Query', 'GetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem'),
      connections('POST'),
    ],
  },
  endUser: { calls: [clientsByTopic('Query'), clients('Query', 'BatchWriteItem'), connections('DELETE')] },
})
