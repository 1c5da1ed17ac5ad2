'use strict'

const { policies, publishTo, roles, sendTo, table } = require('serverless-graphql-subscriptions/serverless/grants.cjs')

const orders = table('OrdersTable')

/** What the core's functions call besides what their own roles allow. */
const granted = policies({
  OrdersPolicy: { functions: ['default', 'graphql'], calls: [orders('GetItem', 'PutItem', 'UpdateItem')] },
})

const own = roles({
  kitchen: { calls: [orders('UpdateItem'), publishTo('MessagesTopic')], destinations: [sendTo('FailedEvents')] },
})

const OrdersTable = {
  Type: 'AWS::DynamoDB::Table',
  DeletionPolicy: '${param:tablePolicy}',
  UpdateReplacePolicy: 'Retain',
  Properties: {
    TableName: '${self:service}-${sls:stage}-orders',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  },
}

module.exports = { Resources: { ...granted.Resources, ...own.Resources, OrdersTable } }
