import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { parse } from 'yaml'
import { serviceDir } from '../../local/offline-command'
import { templateOf, Resource, type Template } from '../support/packaged'
import { mistakesIn } from '../support/resource-specification'

let dev: Template
beforeAll(async () => {
  dev = await templateOf('dev')
})

describe('the check against the resource specification of AWS', () => {
  it('accepts an open stage', () => {
    expect(mistakesIn(dev.Resources)).toEqual([])
  })

  it('accepts a closed stage that keeps connections open', async () => {
    const { Resources } = await templateOf('prod')
    expect(mistakesIn(Resources)).toEqual([])
  })

  it('accepts the resources of the documented custom domain', async () => {
    const domain = await documentedDomain()
    expect(Object.keys(domain)).toEqual(['WebSocketDomain', 'WebSocketMapping', 'WebSocketRecord'])
    expect(mistakesIn({ ...dev.Resources, ...domain })).toEqual([])
  })

  it("accepts the account-wide role for API Gateway's access logs", async () => {
    const { Resources } = parseTemplate(
      await readFile(join(serviceDir, 'lib/serverless/account/api-gateway-logs.yml'), 'utf8'),
    )
    expect(Object.keys(Resources)).toEqual(['Role', 'Account'])
    expect(mistakesIn(Resources)).toEqual([])
  })

  it('reports each mistake', () => {
    const { WebsocketsDeploymentStage: stage, FailedEvents: queue, ClientsTable: table } = dev.Resources
    const wrong = v.parse(v.record(v.string(), Resource), {
      ...dev.Resources,
      Stage: { ...stage, DependsOn: 'Gone', Properties: { ...stage?.Properties, ApiId: { Ref: 'Absent' } } },
      Queue: { ...queue, Properties: { MessageRetentionPerio: 1, VisibilityTimeout: 'long', Tags: {} } },
      Table: {
        ...table,
        UpdateReplacePolicy: 'RetainExceptOnCreate',
        Properties: { TableName: { 'Fn::GetAtt': ['Queue', 'Name'] } },
      },
      Topic: { Type: 'AWS::SNS::Topik' },
      Alarm: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { PolicyDocument: {}, Topics: [{ 'Fn::Sub': '${Nowhere}' }] },
      },
    })
    expect(mistakesIn(wrong)).toEqual([
      'Stage.DependsOn: there is no Gone',
      'Stage.ApiId: there is no Absent',
      'Queue.MessageRetentionPerio: is not specified',
      'Queue.VisibilityTimeout: is no number',
      'Queue.Tags: is no list',
      'Table.UpdateReplacePolicy: there is no RetainExceptOnCreate',
      'Table.KeySchema: is missing',
      'Table.TableName: AWS::SQS::Queue has no Name',
      'Topic: there is no AWS::SNS::Topik',
      'Alarm.Topics[0]: there is no Nowhere',
    ])
  })
})

/** The resources of docs/how-to/custom-domain.md, as Serverless would pass them on. */
async function documentedDomain() {
  const text = await readFile(join(serviceDir, 'docs/how-to/custom-domain.md'), 'utf8')
  const [, block = ''] = /```yaml\n(.*?)```/s.exec(text) ?? []
  return parseTemplate(block).Resources
}

function parseTemplate(text: string) {
  const customTags = [
    { tag: '!Ref', resolve: (name: string) => ({ Ref: name }) },
    { tag: '!Sub', resolve: (template: string) => ({ 'Fn::Sub': template }) },
    { tag: '!GetAtt', resolve: (name: string) => ({ 'Fn::GetAtt': name.split('.') }) },
  ]
  return v.parse(v.object({ Resources: v.record(v.string(), Resource) }), parse(text, { customTags }))
}
