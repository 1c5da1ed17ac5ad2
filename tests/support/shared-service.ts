import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Service, type ServiceAddresses, startService } from './service'

/** The one service that tests/setup/service.ts starts for all suites which need no configuration of their own. */
export interface SharedService extends ServiceAddresses {
  readonly outputFile: string
}

const variable = 'SHARED_SERVICE'

/** Starts it; jest's workers inherit its addresses. The caller stops it. */
export async function startSharedService(): Promise<Pick<Service, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'service-'))
  const outputFile = join(folder, 'output.log')
  const { webSocketUrl, httpUrl, dynamoDbEndpoint, tokenUrl, stop } = await startService({ outputFile })
  const shared: SharedService = { webSocketUrl, httpUrl, dynamoDbEndpoint, tokenUrl, outputFile }
  process.env[variable] = JSON.stringify(shared)
  return {
    stop: async () => {
      await stop()
      await rm(folder, { recursive: true })
    },
  }
}

/** Where it is, for a suite. Other suites use it at the same time: each needs chats of its own. */
export function sharedService(): ServiceAddresses & Pick<Service, 'output'> {
  const { outputFile, ...addresses } = JSON.parse(process.env[variable] ?? '') as SharedService
  return { ...addresses, output: () => readFileSync(outputFile, 'utf8') }
}
