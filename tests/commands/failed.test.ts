import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { failed } from '../../lib/commands/failed'
import { listen, readBody, type StandIn } from '../../lib/local/stand-in'
import { startQueue } from '../support/queue'
import { runScript } from '../support/run-script'

const arn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:food-delivery-prod-${name}`

function failedAt(name: string, requestPayload: unknown): string {
  const requestContext = { functionArn: `${arn(name)}:$LATEST`, condition: 'RetriesExhausted' }
  return JSON.stringify({ version: '1.0', requestContext, requestPayload })
}

const bodies = [
  failedAt('translate-it', { text: 'lost' }),
  '{"text":"secret"}',
  failedAt('translate-fr', { text: 'Hello' }),
]

/** A stand-in for Lambda with a single function, `translate-fr`. */
let lambda: StandIn
let invoked: unknown[]
let onInvoke: (event: unknown) => void
beforeEach(async () => {
  invoked = []
  onInvoke = () => undefined
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const isThere = decodeURIComponent(request.url ?? '').includes(arn('translate-fr'))
      if (isThere) {
        invoked.push(JSON.parse(text))
        onInvoke(JSON.parse(text))
      }
      response.writeHead(isThere ? 202 : 404, { 'x-amzn-errortype': 'ResourceNotFoundException' })
      response.end(isThere ? '' : '{"Message":"Function not found."}')
    })
  })
  lambda = await listen(server, 0)
})
afterEach(() => lambda.close())

const urlOf = (queue: StandIn) => `${queue.endpoint}/123456789012/food-delivery-prod-failed-events`

const environment = (queue: StandIn) => ({
  AWS_ENDPOINT_URL_SQS: queue.endpoint, // else the SDK warns that it is not AWS's
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
})

/** Runs the command in this process. `output` is what it prints. */
async function runFailed(queue: StandIn, { sendAgain = false } = {}) {
  Object.assign(process.env, environment(queue))
  const lines: unknown[] = []
  for (const level of ['log', 'error'] as const) {
    jest.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push(line)
    })
  }
  const allAccepted = await failed(urlOf(queue), { sendAgain })
  jest.restoreAllMocks()
  return { allAccepted, output: lines.join('\n') }
}

it('lists the messages of the queue and leaves them there', async () => {
  const starting = startQueue(bodies)
  const queue = await starting
  const { allAccepted, output } = await runFailed(queue)
  await queue.close()
  expect(output).toContain(`message-0  ${arn('translate-it')}  RetriesExhausted`)
  expect(output).toContain('message-1  Unknown message: neither Lambda nor SNS sent it.')
  expect(output).toContain(`message-2  ${arn('translate-fr')}  RetriesExhausted`)
  expect(output).not.toMatch(/secret|lost|Hello/)
  expect(allAccepted).toBe(true)
  expect([...starting.left.values()]).toEqual(bodies)
})

it('the command with --send-again resends events that a function accepts and keeps the others', async () => {
  const starting = startQueue(bodies)
  const queue = await starting
  const args = ['failed', urlOf(queue), '--send-again']
  const { code, output } = await runScript('lib/commands/main.ts', args, environment(queue))
  await queue.close()
  expect(invoked).toEqual([{ text: 'Hello' }])
  expect([...starting.left.values()]).toEqual(bodies.slice(0, 2))
  expect(output).toMatch(/message-0 {2}It stays in the queue: .*not found/)
  expect(output).toMatch(/message-1 {2}It stays in the queue/)
  expect(output).not.toContain('secret')
  expect(code).toBe(1)
})

// Regression: the command sent an event that `publish` refuses without end, because it returned to the queue each time.
it('sends an event that fails again only once', async () => {
  const starting = startQueue([failedAt('translate-fr', { text: 'wrong' })])
  onInvoke = (event) => {
    starting.send(failedAt('translate-fr', event))
  }
  const queue = await starting
  const { allAccepted, output } = await runFailed(queue, { sendAgain: true })
  await queue.close()
  expect(invoked).toEqual([{ text: 'wrong' }])
  expect([...starting.left.values()]).toHaveLength(1)
  expect(output).toContain('message-1  It stays in the queue: it arrived after this command had started.')
  expect(allAccepted).toBe(false)
})

// Regression: for a minute after the list, --send-again found an empty queue, and reported success.
it('a list leaves the messages visible, so that they can be sent again at once', async () => {
  const starting = startQueue(bodies)
  const queue = await starting
  await runFailed(queue)
  await runFailed(queue, { sendAgain: true })
  const { output } = await runFailed(queue)
  await queue.close()
  expect(invoked).toEqual([{ text: 'Hello' }])
  expect(output.match(/^message-\d/gm)).toEqual(['message-0', 'message-1'])
})

it('handles a message once, even if its visibility time-out ends before the command', async () => {
  const starting = startQueue(bodies)
  onInvoke = () => {
    starting.showAll()
  }
  const queue = await starting
  const { allAccepted, output } = await runFailed(queue, { sendAgain: true })
  await queue.close()
  expect(output.match(/^message-0 .*RetriesExhausted$/gm)).toHaveLength(1)
  expect(allAccepted).toBe(false)
})
