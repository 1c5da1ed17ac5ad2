import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFrameSocket } from './frame-socket'
import { postGraphql } from './post-graphql'
import { fixtureDir, type Service, type ServiceAddresses, startService } from './service'

/** A service that tests/setup starts once, for all suites that need no configuration of their own. */
interface SharedService extends ServiceAddresses {
  readonly outputFile: string
}

/**
 * `chat` is the chat, `fixture` the core with the fixture API. Tests of the core use `fixture`, so that they do not
 * depend on the chat.
 */
export type ServiceName = 'chat' | 'fixture'

const variables = { chat: 'SHARED_CHAT', fixture: 'SHARED_FIXTURE' } satisfies Record<ServiceName, string>

/**
 * Starts a shared service and warms up the functions that every client needs. jest's workers inherit its addresses in
 * the environment.
 *
 * @returns a function that stops it
 */
export async function startSharedService(name: ServiceName): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'service-'))
  const outputFile = join(folder, 'output.log')
  const options = name === 'fixture' ? { folder: fixtureDir, outputFile } : { outputFile }
  const { webSocketUrl, httpUrl, dynamoDbEndpoint, tokenUrl, stop } = await startService(options)
  const shared: SharedService = { webSocketUrl, httpUrl, dynamoDbEndpoint, tokenUrl, outputFile }
  await warmUp(shared)
  process.env[variables[name]] = JSON.stringify(shared)
  return async () => {
    await stop()
    await rm(folder, { recursive: true })
  }
}

/**
 * Invokes functions once, because serverless-offline loads a function at its first event. That takes seconds if all
 * suites start at the same time.
 */
async function warmUp({ webSocketUrl, httpUrl }: ServiceAddresses): Promise<void> {
  const query = { query: '{ __typename }' }
  await postGraphql(httpUrl, query)
  const socket = await openFrameSocket(webSocketUrl)
  socket.send(query)
  await socket.untilReceived(1)
  await socket.close()
}

/**
 * The addresses and the output of a shared service. Other suites use it at the same time, so each suite needs chats or
 * boards of its own.
 */
export function sharedService(name: ServiceName): ServiceAddresses & Pick<Service, 'output'> {
  const { outputFile, ...addresses } = JSON.parse(process.env[variables[name]] ?? '') as SharedService
  return { ...addresses, output: () => readFileSync(outputFile, 'utf8') }
}
