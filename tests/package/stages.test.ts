import { beforeAll, describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { propertiesOf, refusalToPackage, resourcesOf, stateOf, templateOf, type Template } from '../support/packaged'
import { stageName } from '../support/stage-name'

const stageOf = { webSocket: 'WebsocketsDeploymentStage', http: 'HttpApiStage' } as const

describe('a stage named after a branch', () => {
  // Regression: it was packaged, and then rejected by Lambda.
  it('is not packaged if a function would have too long a name, and a sentence says how long it may be', async () => {
    expect(await refusalToPackage('feature-chat-1234-reconnect', { access: 'open' })).toMatch(
      /The name of stage "feature-chat-1234-reconnect" is too long: .* name of \d\d characters.* at most 2\d characters/s,
    )
  })
})

describe('a stage that is closed', () => {
  it('is not packaged while nothing says who issues its tokens, and a sentence says what to set', async () => {
    const printed = await refusalToPackage('prod')
    expect(printed).toMatch(/Stage "prod" is closed.*"tokenIssuer".*TOKEN_ISSUER.*"access" to "open"/s)
  })

  it('is not packaged while nothing says which tokens are meant for it', async () => {
    expect(await refusalToPackage('prod', { tokenIssuer: 'https://issuer.example.com' })).toMatch(/"tokenAudience"/)
  })

  it('is not packaged if its access is neither of the two', async () => {
    expect(await refusalToPackage('dev', { access: 'Open' })).toMatch(/to be "tokens" or "open", got "Open"/)
  })

  it('is not packaged if a param has a value that it does not take', async () => {
    const printed = await refusalToPackage('dev', { ipAddressType: 'ipv6' })
    expect(printed).toContain('Expected the param "ipAddressType" to be "ipv4" or "dualstack", got "ipv6".')
  })

  it('is not packaged if a switch is neither true nor false', async () => {
    const switches = { http2: 'off', introspection: 'on', keepAlive: 'yes', webSocketAccessLogs: 'no' }
    const printed = await refusalToPackage('dev', switches)
    for (const name of ['PUBLISH_HTTP2', 'INTROSPECTION', 'KEEP_ALIVE', 'schedule.enabled', 'accessLogging']) {
      expect(printed).toMatch(new RegExp(`${name}": .*Expected either "true", "false"`))
    }
  })

  describe('and knows who issues its tokens', () => {
    let template: Template
    beforeAll(async () => {
      template = await templateOf('prod')
    })

    it.each(['ClientsTable', 'MessagesTable'])(
      'keeps %s when it is removed, can restore it, and encrypts it',
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
    it('keeps nothing of a first deployment that fails', () => {
      for (const { DeletionPolicy = 'Delete', Properties } of Object.values(template.Resources)) {
        expect(['Delete', 'RetainExceptOnCreate']).toContain(DeletionPolicy)
        expect(Properties).not.toHaveProperty('DeletionProtectionEnabled')
      }
    })

    it('encrypts its topics with the key that SNS may use for every publisher of the account', () => {
      const topics = Object.values(resourcesOf(template, 'AWS::SNS::Topic'))
      expect(topics.length).toBeGreaterThan(0)
      for (const { Properties } of topics) expect(Properties['KmsMasterKeyId']).toBe('alias/aws/sns')
    })

    it('throttles both of its APIs, and has no metrics of single routes, which are paid for', () => {
      const settings = { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 500 }
      for (const stage of Object.values(stageOf)) {
        expect(propertiesOf(template, stage)['DefaultRouteSettings']).toEqual(settings)
      }
    })

    it('keeps its logs for 90 days', () => {
      const groups = Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'))
      expect(groups.map(({ Properties }) => Properties['RetentionInDays'])).toEqual(groups.map(() => 90))
    })

    it('writes an access log of both of its APIs, without headers, queries and bodies', () => {
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

    it('takes its clients over IPv6, too, as it was asked to', () => {
      for (const api of ['WebsocketsApi', 'HttpApi']) {
        expect(propertiesOf(template, api)['IpAddressType']).toBe('dualstack')
      }
    })

    it('lets no page of another origin use its HTTP API', () => {
      expect(propertiesOf(template, 'HttpApi')['CorsConfiguration']).toMatchObject({
        AllowOrigins: ['https://none.invalid'],
      })
    })

    it('tells every function who may come in', () => {
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

    it('limits the operations of a connection', () => {
      expect(propertiesOf(template, 'DefaultLambdaFunction')['Environment']).toMatchObject({
        Variables: { MAX_OPERATIONS_PER_10_SECONDS: '100' },
      })
    })

    it('reserves no concurrency that it was not asked to', () => {
      expect(propertiesOf(template, 'PublishLambdaFunction')).not.toHaveProperty('ReservedConcurrentExecutions')
    })
  })
})

describe('a stage that lets anyone in by an explicit choice', () => {
  let template: Template
  beforeAll(async () => {
    template = await templateOf('demo')
  })

  it('has its own name for everything that is named', () => {
    expect(JSON.stringify(template)).not.toContain(stageName('dev'))
    expect(propertiesOf(template, 'ClientsTable')['TableName']).toBe(`${stageName('demo')}-clients`)
  })

  it('reserves the concurrency of publish that it was asked to', () => {
    expect(propertiesOf(template, 'PublishLambdaFunction')['ReservedConcurrentExecutions']).toBe(7)
  })

  it.each(['PublishLambdaFunction', 'KeepAliveLambdaFunction'])('keeps %s to HTTP/1.1 if it was asked to', (name) => {
    expect(propertiesOf(template, name)).toMatchObject({ Environment: { Variables: { PUBLISH_HTTP2: 'false' } } })
  })

  it('is as careful as a closed one in all else', () => {
    expect(template.Resources['ClientsTable']?.DeletionPolicy).toBe('RetainExceptOnCreate')
  })

  // Lambda stops a function that has invoked itself 16 times in a row, but a topic of a million subscribers takes 36
  // invocations.
  it('lets publish, and no other function, hand on to itself for as long as it has to', () => {
    const functions = Object.entries(resourcesOf(template, 'AWS::Lambda::Function'))
    const allowed = functions.filter(([, { Properties }]) => Properties['RecursiveLoop'] === 'Allow')
    expect(allowed.map(([name]) => name)).toEqual(['PublishLambdaFunction'])
  })

  it('runs every function on Node 24 and arm64, and traces it', () => {
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
it('is packaged into the same state each time', async () => {
  const state = await stateOf('dev')
  expect(state).toContain('"compiledCloudFormationTemplate"')
  expect(state).not.toMatch(/local-service|outputWorkFolder/)
})

describe('the stage dev', () => {
  it('is open, and leaves nothing behind when it is removed', async () => {
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
