import { beforeAll, describe, expect, it } from '@jest/globals'
import { propertiesOf, type Template, resourcesOf, templateOf } from '../support/packaged'

/** Who may invoke the functions, besides whom an account's own policies allow to. */
describe('the permissions of functions', () => {
  let template: Template
  beforeAll(async () => {
    template = await templateOf('dev')
  })

  it('let in a service only for a resource of this stack', () => {
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

  // API Gateway of any account could invoke them: the event says who connects.
  it.each(['connect', 'default', 'disconnect'])('let the route $%s of this API invoke its function', (route) => {
    const name = `${route.charAt(0).toUpperCase()}${route.slice(1)}LambdaPermissionWebsockets`
    expect(propertiesOf(template, name)['SourceArn']).toEqual({
      'Fn::Sub': `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${WebsocketsApi}/*/$${route}`,
    })
  })
})
