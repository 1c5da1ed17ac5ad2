'use strict'

/**
 * Creates one role per function, from the calls that its code makes:
 *
 *     module.exports = roles({ placeOrder: { calls: [table('OrdersTable')('PutItem'), publishTo('OrdersTopic')] } })
 *
 * creates the resource PlaceOrderRole. All names are logical ids of the template.
 *
 * Each role also allows what Lambda does on the function's behalf: write its log and traces, send events to its
 * `destinations`, and receive messages from the queue that triggers it (`receives`).
 */
exports.roles = (functions) => ({
  Resources: Object.fromEntries(
    Object.entries(functions).map(([key, grants]) => {
      const name = logicalName(key)
      return [`${name}Role`, role(name, grants)]
    }),
  ),
})

/**
 * Creates policies with further permissions for existing functions: an application's grants beside the core's roles.
 *
 *     policies({ PlaceOrderPolicy: { functions: ['default', 'graphql'], calls: [publishTo('OrdersTopic')] } })
 */
exports.policies = (policies) => ({
  Resources: Object.fromEntries(
    Object.entries(policies).map(([name, { functions, calls }]) => [
      name,
      {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: name,
          Roles: functions.map((key) => refTo(`${logicalName(key)}Role`)),
          PolicyDocument: documentOf(calls),
        },
      },
    ]),
  ),
})

function logicalName(key) {
  return key.charAt(0).toUpperCase() + key.slice(1)
}

function role(name, { calls, destinations = [], receives = [] }) {
  const log = allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arnOf(`${name}LogGroup`))
  const traces = allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*') // X-Ray has no resource-level permissions
  const lambda = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: documentOf([lambda]),
      Policies: [
        { PolicyName: 'calls', PolicyDocument: documentOf(calls) },
        { PolicyName: 'platform', PolicyDocument: documentOf([log, traces, ...destinations, ...receives]) },
      ],
    },
  }
}

function documentOf(statements) {
  return { Version: '2012-10-17', Statement: statements }
}

/** Allows any actions on one resource. */
function allow(actions, resource) {
  return { Effect: 'Allow', Action: actions, Resource: resource }
}
exports.allow = allow

/** Allows DynamoDB operations on a table. Its indexes are separate resources. */
exports.table =
  (table) =>
  (...operations) =>
    allow(operations.map(dynamoDb), arnOf(table))

exports.index =
  (table, index) =>
  (...operations) =>
    allow(operations.map(dynamoDb), { 'Fn::Sub': '${' + table + '.Arn}/index/' + index })

exports.publishTo = (...topics) => allow(['sns:Publish'], oneOrList(topics.map(refTo)))

exports.invoke = (name) => allow(['lambda:InvokeFunction'], arnOf(`${name}LambdaFunction`))

exports.sendTo = (queue) => allow(['sqs:SendMessage'], arnOf(queue))

/**
 * Allows what Lambda does with a queue that triggers a function ("Using Lambda with Amazon SQS", execution role
 * permissions).
 */
exports.receiveFrom = (queue) =>
  allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arnOf(queue))

/** Allows methods of @connections: POST sends a frame to a client, DELETE closes its connection. */
exports.connections = (...methods) => allow(['execute-api:ManageConnections'], oneOrList(methods.map(connectionsArn)))

function connectionsArn(method) {
  const api = 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${WebsocketsApi}'
  return { 'Fn::Sub': api + '/${sls:stage}/' + method + '/@connections/*' }
}

function dynamoDb(operation) {
  return `dynamodb:${operation}`
}

function arnOf(logicalId) {
  return { 'Fn::GetAtt': [logicalId, 'Arn'] }
}

function refTo(logicalId) {
  return { Ref: logicalId }
}

function oneOrList(resources) {
  return resources.length === 1 ? resources[0] : resources
}
