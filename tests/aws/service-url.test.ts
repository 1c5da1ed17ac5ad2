import { expect, test } from '@jest/globals'
import { serviceUrl } from '../../lib/aws/service-url'

test('the address of a service is that of its region, or what the variables of the SDK say', () => {
  const at = (service: string, region: string, environment = {}) => serviceUrl({ service, region, environment }).href
  expect(at('dynamodb', 'eu-west-1')).toBe('https://dynamodb.eu-west-1.amazonaws.com/')
  expect(at('sns', 'cn-north-1')).toBe('https://sns.cn-north-1.amazonaws.com.cn/')
  expect(at('sns', 'eu-west-1', { AWS_ENDPOINT_URL: 'http://localhost:1' })).toBe('http://localhost:1/')
  const both = { AWS_ENDPOINT_URL: 'http://localhost:1', AWS_ENDPOINT_URL_SNS: 'http://localhost:2' }
  expect(at('sns', 'eu-west-1', both)).toBe('http://localhost:2/')
})
