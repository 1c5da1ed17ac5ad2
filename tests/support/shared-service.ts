import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFrameSocket } from './frame-socket'
import { postGraphql } from './post-graphql'
import { fixtureDir, type Service, type ServiceAddresses, startService } from './service'

/** One of the services that tests/setup starts for all suites which need no configuration of their own. */
interface SharedService extends ServiceAddresses {
  readonly outputFile: string
}

/**
 * The chat, and the core with the fixture API in its place. What proves the core runs on `fixture`: it stays when the
 * chat goes.
 */
export type ServiceName = 'chat' | 'fixture'

const variables = { chat: 'SHARED_CHAT', fixture: 'SHARED_FIXTURE' } satisfies Record<ServiceName, string>

/**
 * Starts it, with the functions that every client waits for; jest's workers inherit its addresses. The caller stops it.
 */
export async function startSharedService(name: ServiceName): Promise<Pick<Service, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'service-'))
  const outputFile = join(folder, 'output.log')
  const options = name === 'fixture' ? { folder: fixtureDir, outputFile } : { outputFile }
  const { webSocketUrl, httpUrl, dynamoDbEndpoint, tokenUrl, stop } = await startService(options)
  const shared: SharedService = { webSocketUrl, httpUrl, dynamoDbEndpoint, tokenUrl, outputFile }
  await warmUp(shared)
  process.env[variables[name]] = JSON.stringify(shared)
  return {
    stop: async () => {
      await stop()
      await rm(folder, { recursive: true })
    },
  }
}

/** serverless-offline loads a function on its first event, which takes seconds if all suites want it at once. */
async function warmUp({ webSocketUrl, httpUrl }: ServiceAddresses): Promise<void> {
  const query = { query: '{ __typename }' }
  await postGraphql(httpUrl, query)
  const socket = await openFrameSocket(webSocketUrl)
  socket.send(query)
  await socket.untilReceived(1)
  await socket.close()
}

/** Where it is, for a suite. Other suites use it at the same time: each needs chats or boards of its own. */
export function sharedService(name: ServiceName): ServiceAddresses & Pick<Service, 'output'> {
  const { outputFile, ...addresses } = JSON.parse(process.env[variables[name]] ?? '') as SharedService
  return { ...addresses, output: () => readFileSync(outputFile, 'utf8') }
}
