import { afterEach, expect, it, jest } from '@jest/globals'
import * as v from 'valibot'
import { AwsCallError } from '../../lib/errors'
import { logger, logMaskedError } from '../../lib/observability/logger'
import { captureLogOfEach } from '../support/captured-log'

const lines = captureLogOfEach()
afterEach(() => {
  logger.correlate(undefined)
})

const Line = v.pipe(v.string(), v.parseJson(), v.looseObject({ message: v.string() }))

function written(): readonly v.InferOutput<typeof Line>[] {
  return lines.map((line) => v.parse(Line, line))
}

it('writes the correlation id of an event on each line, next to the fields of the line', () => {
  logger.correlate('m1')
  logger.info('Published.', { delivered: 1 })
  logger.error('A translation failed for good.')
  logMaskedError(new Error('secret'), 'e1')
  expect(written()).toMatchObject([
    { level: 'INFO', message: 'Published.', correlation_id: 'm1', delivered: 1 },
    { level: 'ERROR', message: 'A translation failed for good.', correlation_id: 'm1' },
    { level: 'ERROR', correlation_id: 'm1', id: 'e1', error: { message: 'secret' } },
  ])
})

// Regression: the whole body was a field of the line.
it('leaves the body of a response of AWS out of an error', () => {
  const failed = { service: 'DynamoDB', operation: 'PutItem', status: 400, cause: new Error('It was refused.') }
  const error = new AwsCallError({ ...failed, body: '{"Item":{"text":{"S":"private"}}}' })
  expect(error.body).toContain('private')
  logMaskedError(error, 'e1')
  expect(written()).toMatchObject([{ error: { status: 400, message: 'DynamoDB PutItem failed: It was refused.' } }])
  expect(lines.join()).not.toContain('private')
})

it('replaces or removes the correlation id for the next event', () => {
  logger.correlate('m1')
  logger.correlate('m2')
  logger.info('Published.')
  logger.correlate(undefined)
  logger.info('Replayed.')
  const [published, replayed] = written()
  expect(published).toHaveProperty('correlation_id', 'm2')
  expect(replayed).not.toHaveProperty('correlation_id')
})

it('lets a line set another correlation id', () => {
  logger.correlate('m1')
  logger.info('Accepted a message.', { correlation_id: 'm2' })
  expect(written()).toMatchObject([{ correlation_id: 'm2' }])
})

it.each([
  ['DEBUG', true],
  ['INFO', false],
])('reports for the level %s whether debug lines are written: %s', async (level, written) => {
  const outside = process.env
  process.env = { ...outside, POWERTOOLS_LOG_LEVEL: level }
  await jest.isolateModulesAsync(async () => {
    expect((await import('../../lib/observability/logger')).logger.writesDebug).toBe(written)
  })
  process.env = outside
})
