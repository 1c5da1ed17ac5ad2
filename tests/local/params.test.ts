import { expect, it, jest } from '@jest/globals'

interface Params {
  readonly wrongParam: (service: object) => string | undefined
}
const { wrongParam } = jest.requireActual<Params>('../../lib/local/params.cjs')

const service = (environment: Readonly<Record<string, unknown>>, logLevel = 'INFO') => ({
  functions: { default: { environment } },
  provider: { environment: { POWERTOOLS_LOG_LEVEL: logLevel } },
  resources: {},
})

it.each([
  [{ MESSAGES_TTL_SECONDS: '24h' }, 'messagesTtlSeconds', '24h'],
  [{ RESUME_REACH_SECONDS: 0 }, 'resumeReachSeconds', '0'],
  [{ MAX_OPERATIONS_PER_10_SECONDS: '-1' }, 'operationsPer10Seconds', '-1'],
])('%j is refused, because the functions would not start', (environment, param, got) => {
  expect(wrongParam(service(environment))).toBe(
    `Expected the param "${param}" to be a whole number above 0, got "${got}".`,
  )
})

it('a log level is refused that would count as INFO', () => {
  expect(wrongParam(service({}, 'debug'))).toBe(
    'Expected the param "logLevel" to be "DEBUG" or "INFO" or "WARN" or "ERROR", got "debug".',
  )
})

it('valid and absent values are accepted', () => {
  const environment = { MESSAGES_TTL_SECONDS: '60', RESUME_REACH_SECONDS: 600, MAX_OPERATIONS_PER_10_SECONDS: '' }
  expect(wrongParam(service(environment))).toBeUndefined()
  expect(wrongParam({ functions: {}, provider: {}, resources: {} })).toBeUndefined()
})
