import { beforeAll, describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { propertiesOf, type Template, resourcesOf, templateOf } from '../support/packaged'

let template: Template
beforeAll(async () => {
  template = await templateOf('dev')
})

/** The permissions to invoke functions, which apply in addition to an account's own policies. */
describe('the invoke permissions of functions', () => {
  it('allow a service only for a resource of this stack', () => {
    const permissions = Object.entries(resourcesOf(template, 'AWS::Lambda::Permission'))
    expect(permissions.length).toBeGreaterThan(0)
    for (const [name, { Properties }] of permissions) {
      expect([name, Properties['SourceArn']]).toEqual([name, expect.anything()])
      const named = [
        ...JSON.stringify(Properties['SourceArn']).matchAll(/"Ref":"(\w+)"|\$\{(\w+)\}|GetAtt":\["(\w+)"/g),
      ]
      const resources = named.flatMap(([, ...names]) => names.filter(Boolean))
      expect(resources.some((resource) => resource in template.Resources)).toBe(true)
    }
  })

  // Regression: API Gateway of any account could invoke them, and their event says who connects.
  it.each(['connect', 'default', 'disconnect'])('allow the route $%s of this API to invoke its function', (route) => {
    const name = `${route.charAt(0).toUpperCase()}${route.slice(1)}LambdaPermissionWebsockets`
    expect(propertiesOf(template, name)['SourceArn']).toEqual({
      'Fn::Sub': `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${WebsocketsApi}/*/$${route}`,
    })
  })
})

describe('the policies of resources', () => {
  const Statement = v.looseObject({
    Effect: v.string(),
    Principal: v.union([v.string(), v.record(v.string(), v.unknown())]),
    Action: v.unknown(),
    Resource: v.optional(v.unknown()),
    Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))),
  })
  const Policy = v.looseObject({ PolicyDocument: v.object({ Statement: v.array(Statement) }) })
  const statements = () =>
    Object.values(template.Resources).flatMap(({ Properties }) => {
      const policy = v.safeParse(Policy, Properties)
      return policy.success ? policy.output.PolicyDocument.Statement : []
    })

  it('allow a service only for a resource of this account', () => {
    const letIn = statements().filter(({ Effect, Principal }) => Effect === 'Allow' && typeof Principal === 'object')
    expect(letIn.length).toBeGreaterThan(0)
    for (const { Condition } of letIn) {
      expect(JSON.stringify(Condition)).toMatch(/"aws:SourceArn":\{"Fn::Sub":"arn:[^"]*:\$\{AWS::AccountId\}:/)
    }
  })

  it('deny access to queues without TLS', () => {
    const queues = Object.keys(resourcesOf(template, 'AWS::SQS::Queue'))
    expect(queues.length).toBeGreaterThan(0)
    for (const queue of queues) {
      expect(statements()).toContainEqual({
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      })
    }
  })

  // A role can be passed to a service only with iam:PassRole, which does not reach other accounts.
  it('allow only Lambda to assume a role', () => {
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::IAM::Role'))) {
      expect(Properties['AssumeRolePolicyDocument']).toMatchObject({
        Statement: [{ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      })
    }
  })
})
