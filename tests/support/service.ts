import { join } from 'node:path'
import { serviceDir } from '../../local/offline-command'
import * as testing from '../../lib/testing'

export type { Service } from '../../lib/testing'
export type ServiceAddresses = Pick<testing.Service, 'webSocketUrl' | 'httpUrl' | 'dynamoDbEndpoint' | 'tokenUrl'>

/** The folder of the service that runs the core with the fixture API. */
export const fixtureDir = join(serviceDir, 'tests', 'fixture')

/** Unsets variables of the shell that would select another Amazon Translate. */
const hermetic = { TRANSLATE: undefined, AWS_ENDPOINT_URL_TRANSLATE: undefined }

/** Starts a service, by default the chat. Resolves when it responds. The caller stops it. */
export function startService({ env, ...options }: testing.ServiceOptions = {}): Promise<testing.Service> {
  return testing.startService({ folder: serviceDir, env: { ...hermetic, TRANSLATE_PORT: '0', ...env }, ...options })
}

/** Runs `sls offline start` in the chat's folder. Returns at once, before the service is ready. */
export function runOffline({ env, ...options }: testing.ServiceOptions): testing.Running {
  return testing.runOffline({ folder: serviceDir, env: { ...hermetic, ...env }, ...options })
}

export async function freePorts(): Promise<Readonly<Record<string, string>>> {
  return { ...(await testing.freePorts()), TRANSLATE_PORT: '0' }
}
