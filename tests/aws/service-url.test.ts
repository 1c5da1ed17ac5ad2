import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SNSClient } from '@aws-sdk/client-sns'
import { describe, expect, test } from '@jest/globals'
import { serviceUrl } from '../../lib/aws/service-url'

const urlOf = (service: string, region: string, environment = {}) => serviceUrl({ service, region, environment }).href

describe('the URL of a service', () => {
  // Regression: only hosts in China had a suffix of their own.
  test.each([
    ['the commercial regions', 'eu-west-1'],
    ['the commercial regions', 'mx-central-1'],
    ['GovCloud', 'us-gov-west-1'],
    ['China', 'cn-northwest-1'],
    ['the European Sovereign Cloud', 'eusc-de-east-1'],
    ['ISO', 'us-iso-east-1'],
    ['ISO B', 'us-isob-east-1'],
    ['ISO E', 'eu-isoe-west-1'],
    ['ISO F', 'us-isof-south-1'],
    ['an unknown region', 'xx-new-1'],
  ])('in %s, %s, is the same as in the SDK', (_partition, region) => {
    const given = { Region: region, UseDualStack: false, UseFIPS: false }
    const dynamoDb = new DynamoDBClient({ region }).config.endpointProvider(given)
    const sns = new SNSClient({ region }).config.endpointProvider(given)
    expect(urlOf('dynamodb', region)).toBe(dynamoDb.url.href)
    expect(urlOf('sns', region)).toBe(sns.url.href)
  })

  test("is taken from the SDK's environment variables, first from that of the service", () => {
    expect(urlOf('sns', 'eu-west-1', { AWS_ENDPOINT_URL: 'http://localhost:1' })).toBe('http://localhost:1/')
    const both = { AWS_ENDPOINT_URL: 'http://localhost:1', AWS_ENDPOINT_URL_SNS: 'http://localhost:2' }
    expect(urlOf('sns', 'eu-west-1', both)).toBe('http://localhost:2/')
  })

  // Regression: it threw "Invalid URL". The SDK takes an empty variable as one that is not set.
  test('ignores an empty variable', () => {
    const empty = { AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_SNS: '' }
    expect(urlOf('sns', 'eu-west-1', empty)).toBe('https://sns.eu-west-1.amazonaws.com/')
    const all = { AWS_ENDPOINT_URL: 'http://localhost:1', AWS_ENDPOINT_URL_SNS: '' }
    expect(urlOf('sns', 'eu-west-1', all)).toBe('http://localhost:1/')
  })
})
