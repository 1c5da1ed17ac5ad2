import { describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { propertiesOf, type Stage, templateOf, type Template } from '../support/packaged'

interface Place {
  readonly region: string
  readonly partition: string
  /** The suffix of AWS's host names. */
  readonly suffix: string
  readonly console: string
  readonly stage: Stage
}

const places: readonly Place[] = [
  {
    region: 'us-east-1',
    partition: 'aws',
    suffix: 'amazonaws.com',
    console: 'us-east-1.console.aws.amazon.com',
    stage: 'dev',
  },
  {
    region: 'eu-central-1',
    partition: 'aws',
    suffix: 'amazonaws.com',
    console: 'eu-central-1.console.aws.amazon.com',
    stage: 'dev',
  },
  {
    region: 'cn-north-1',
    partition: 'aws-cn',
    suffix: 'amazonaws.com.cn',
    console: 'cn-north-1.console.amazonaws.cn',
    stage: 'demo',
  },
  {
    region: 'us-gov-west-1',
    partition: 'aws-us-gov',
    suffix: 'amazonaws.com',
    console: 'us-gov-west-1.console.amazonaws-us-gov.com',
    stage: 'prod',
  },
]

const Sub = v.object({
  'Fn::Sub': v.union([v.string(), v.tuple([v.string(), v.record(v.string(), v.unknown())])]),
})
const FindInMap = v.object({ 'Fn::FindInMap': v.tuple([v.string(), v.object({ Ref: v.string() }), v.string()]) })

/** Evaluates an intrinsic function as CloudFormation does in a region. A resource's name is its logical id. */
function resolve(value: unknown, { Mappings }: Template, { region, partition, suffix }: Place): string {
  const pseudo = new Map([
    ['AWS::Region', region],
    ['AWS::Partition', partition],
    ['AWS::URLSuffix', suffix],
  ])
  const nameOf = (name: string): string => pseudo.get(name) ?? name
  const resolveAny = (each: unknown): string => {
    if (v.is(FindInMap, each)) {
      const [map, { Ref }, key] = each['Fn::FindInMap']
      return String(Mappings[map]?.[nameOf(Ref)]?.[key])
    }
    const [text, variables] = [v.parse(Sub, each)['Fn::Sub']].flat() as [string, Readonly<Record<string, unknown>>?]
    return text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) =>
      variables && name in variables ? resolveAny(variables[name]) : nameOf(name),
    )
  }
  return resolveAny(value)
}

describe.each(places)('a stage in $region', (place) => {
  it('has URLs with the hosts of its partition', async () => {
    const template = await templateOf(place.stage)
    const output = (name: string): string => resolve(template.Outputs[name]?.Value, template, place)
    const host = `execute-api.${place.region}.${place.suffix}`
    expect(output('WebSocketUrl')).toBe(`wss://WebsocketsApi.${host}/${place.stage}`)
    expect(output('GraphqlUrl')).toBe(`https://HttpApi.${host}/graphql`)
    expect(output('DashboardUrl')).toBe(
      `https://${place.console}/cloudwatch/home?region=${place.region}#dashboards:name=Dashboard`,
    )
    const { Environment } = v.parse(
      v.object({ Environment: v.object({ Variables: v.object({ CALLBACK_URL: v.unknown() }) }) }),
      propertiesOf(template, 'PublishLambdaFunction'),
    )
    expect(resolve(Environment.Variables.CALLBACK_URL, template, place)).toBe(
      `https://WebsocketsApi.${host}/${place.stage}`,
    )
  })

  it('hard-codes no host and no partition, except in the names of services', async () => {
    const { Resources, Outputs } = await templateOf(place.stage)
    const named = JSON.stringify({ Resources, Outputs }).match(/[^"]*(?:arn:aws|amazonaws|amazon\.com)[^"]*/g) ?? []
    expect(named.length).toBeGreaterThan(0)
    for (const text of named) expect(text).toMatch(/^[a-z]+\.amazonaws\.com$/)
  })
})
