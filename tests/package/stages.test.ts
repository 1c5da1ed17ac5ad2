import { beforeAll, describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { propertiesOf, refusalToPackage, resourcesOf, stateOf, templateOf, type Template } from '../support/packaged'
import { stageName } from '../support/stage-name'

const stageOf = { webSocket: 'WebsocketsDeploymentStage', http: 'HttpApiStage' } as const

describe('a stage named after a branch', () => {
  // Regression: it was packaged, and then rejected by Lambda.
  it('is not packaged if its name is too long, and the message gives the limit', async () => {
    expect(await refusalToPackage('feature-chat-1234-reconnect', { access: 'open' })).toMatch(
      /The name of stage "feature-chat-1234-reconnect" is too long: .* name of \d\d characters.* at most 2\d characters/s,
    )
  })
})

describe('a stage', () => {
  it('is not packaged if it is closed without a token issuer, and the message names the settings', async () => {
    const printed = await refusalToPackage('prod')
    expect(printed).toMatch(/Stage "prod" is closed.*"tokenIssuer".*TOKEN_ISSUER.*"access" to "open"/s)
  })

  it.each(['prod', 'dev'])('is not packaged with a token issuer but no audience: %s', async (stage) => {
    expect(await refusalToPackage(stage, { tokenIssuer: 'https://issuer.example.com' })).toMatch(/"tokenAudience"/)
  })

  it('is not packaged if "access" is neither "tokens" nor "open"', async () => {
    expect(await refusalToPackage('dev', { access: 'Open' })).toMatch(/to be "tokens" or "open", got "Open"/)
  })

  it('is not packaged if a param has an invalid value', async () => {
    const printed = await refusalToPackage('dev', { ipAddressType: 'ipv6' })
    expect(printed).toContain('Expected the param "ipAddressType" to be "ipv4" or "dualstack", got "ipv6".')
  })

  it('is not packaged if a boolean param is neither true nor false', async () => {
    const ofTables = { tableRecovery: 'no', tableEncryption: 'off' }
    const switches = { http2: 'off', introspection: 'on', keepAlive: 'yes', webSocketAccessLogs: 'no', ...ofTables }
    const printed = await refusalToPackage('dev', switches)
    const apis = ['PUBLISH_HTTP2', 'INTROSPECTION', 'KEEP_ALIVE', 'schedule.enabled', 'accessLogging']
    for (const name of [...apis, 'PointInTimeRecoveryEnabled', 'SSEEnabled']) {
      expect(printed).toMatch(new RegExp(`${name}": .*Expected either "true", "false"`))
    }
  })

  describe('that is closed and has a token issuer', () => {
    let template: Template
    beforeAll(async () => {
      template = await templateOf('prod')
    })

    it.each(['ClientsTable', 'MessagesTable'])(
      'retains %s when it is removed, with point-in-time recovery and encryption',
      (table) => {
        expect(template.Resources[table]).toMatchObject({
          DeletionPolicy: 'RetainExceptOnCreate',
          UpdateReplacePolicy: 'Retain',
          Properties: {
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            SSESpecification: { SSEEnabled: true },
          },
        })
      },
    )

    // Regression: a first deployment that failed left its tables behind, and their names blocked the next one. With
    // `RetainExceptOnCreate`, CloudFormation deletes what the same operation created, but DynamoDB does not delete a
    // protected table.
    it('leaves nothing behind if its first deployment fails', () => {
      for (const { DeletionPolicy = 'Delete', Properties } of Object.values(template.Resources)) {
        expect(['Delete', 'RetainExceptOnCreate']).toContain(DeletionPolicy)
        expect(Properties).not.toHaveProperty('DeletionProtectionEnabled')
      }
    })

    it('encrypts its topics with the key alias/aws/sns', () => {
      const topics = Object.values(resourcesOf(template, 'AWS::SNS::Topic'))
      expect(topics.length).toBeGreaterThan(0)
      for (const { Properties } of topics) expect(Properties['KmsMasterKeyId']).toBe('alias/aws/sns')
    })

    it('throttles both APIs and has no paid metrics of single routes', () => {
      const settings = { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 500 }
      for (const stage of Object.values(stageOf)) {
        expect(propertiesOf(template, stage)['DefaultRouteSettings']).toEqual(settings)
      }
    })

    it('keeps its logs for 90 days', () => {
      const groups = Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'))
      expect(groups.map(({ Properties }) => Properties['RetentionInDays'])).toEqual(groups.map(() => 90))
    })

    it('writes access logs of both APIs without headers, queries and bodies', () => {
      const groups = { webSocket: 'WebsocketsLogGroup', http: 'HttpApiLogGroup' } as const
      for (const api of ['webSocket', 'http'] as const) {
        const settings = v.parse(
          v.object({
            DestinationArn: v.unknown(),
            Format: v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string())),
          }),
          propertiesOf(template, stageOf[api])['AccessLogSettings'],
        )
        expect(JSON.stringify(settings.DestinationArn)).toContain(groups[api])
        expect(settings.Format).toMatchObject({ requestId: '$context.requestId', error: '$context.error.message' })
        for (const variable of Object.values(settings.Format)) expect(variable).toMatch(/^\$context\.[a-zA-Z.]+$/)
      }
    })

    it('serves both APIs over IPv4 and IPv6 if configured', () => {
      for (const api of ['WebsocketsApi', 'HttpApi']) {
        expect(propertiesOf(template, api)['IpAddressType']).toBe('dualstack')
      }
    })

    it('allows no page of another origin to use its HTTP API', () => {
      expect(propertiesOf(template, 'HttpApi')['CorsConfiguration']).toMatchObject({
        AllowOrigins: ['https://none.invalid'],
      })
    })

    it('passes its access settings to every function', () => {
      for (const { Properties } of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) {
        expect(Properties['Environment']).toMatchObject({
          Variables: {
            ACCESS: 'tokens',
            TOKEN_ISSUER: 'https://issuer.example.com',
            TOKEN_AUDIENCE: 'chat',
            ALLOWED_ORIGINS: { 'Fn::Join': [',', ['https://none.invalid']] },
            INTROSPECTION: 'false',
          },
        })
      }
    })

    it('limits the rate of operations of a connection', () => {
      expect(propertiesOf(template, 'DefaultLambdaFunction')['Environment']).toMatchObject({
        Variables: { MAX_OPERATIONS_PER_10_SECONDS: '100' },
      })
    })

    it('reserves no concurrency for publish by default', () => {
      expect(propertiesOf(template, 'PublishLambdaFunction')).not.toHaveProperty('ReservedConcurrentExecutions')
    })
  })
})

describe('a stage that is open by configuration', () => {
  let template: Template
  beforeAll(async () => {
    template = await templateOf('demo')
  })

  it('names its resources after itself, not after dev', () => {
    expect(JSON.stringify(template)).not.toContain(stageName('dev'))
    expect(propertiesOf(template, 'ClientsTable')['TableName']).toBe(`${stageName('demo')}-clients`)
  })

  it('reserves the configured concurrency for publish', () => {
    expect(propertiesOf(template, 'PublishLambdaFunction')['ReservedConcurrentExecutions']).toBe(7)
  })

  it.each(['PublishLambdaFunction', 'KeepAliveLambdaFunction'])('limits %s to HTTP/1.1 if configured', (name) => {
    expect(propertiesOf(template, name)).toMatchObject({ Environment: { Variables: { PUBLISH_HTTP2: 'false' } } })
  })

  it('retains the clients table when it is removed', () => {
    expect(template.Resources['ClientsTable']?.DeletionPolicy).toBe('RetainExceptOnCreate')
  })

  // Lambda stops a function that has invoked itself 16 times in a row, but a topic of a million subscribers takes 36
  // invocations.
  it('allows only publish to invoke itself recursively without a limit', () => {
    const functions = Object.entries(resourcesOf(template, 'AWS::Lambda::Function'))
    const allowed = functions.filter(([, { Properties }]) => Properties['RecursiveLoop'] === 'Allow')
    expect(allowed.map(([name]) => name)).toEqual(['PublishLambdaFunction'])
  })

  it('runs every function on Node 24 and arm64, with tracing', () => {
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      })
    }
  })
})

// Regression: the state contained the process id of `sls`, in the path of a work folder, so no deployment was ever
// skipped.
it('the packaged state contains no path of a work folder', async () => {
  const state = await stateOf('dev')
  expect(state).toContain('"compiledCloudFormationTemplate"')
  expect(state).not.toMatch(/local-service|outputWorkFolder/)
})

describe('the stage dev', () => {
  it('allows every origin, keeps logs for 3 days and leaves nothing behind when it is removed', async () => {
    const template = await templateOf('dev')
    for (const { DeletionPolicy = 'Delete' } of Object.values(template.Resources)) expect(DeletionPolicy).toBe('Delete')
    expect(propertiesOf(template, 'HttpApi')['CorsConfiguration']).toMatchObject({
      AllowOrigins: ['*'],
      AllowHeaders: expect.arrayContaining(['apollographql-client-name', 'traceparent']),
    })
    expect(propertiesOf(template, 'HttpApi')['IpAddressType']).toBe('ipv4')
    expect(propertiesOf(template, stageOf.webSocket)).not.toHaveProperty('AccessLogSettings') // they require a role
    const groups = Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'))
    expect(groups.map(({ Properties }) => Properties['RetentionInDays'])).toEqual(groups.map(() => 3))
  })
})
