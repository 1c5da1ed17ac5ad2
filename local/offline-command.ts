import { join } from 'node:path'

/** The folder of serverless.yml. */
export const serviceDir = join(__dirname, '..')

/**
 * Arguments for `node` to start the local service. Without npx or a shell in between, the caller has its process id and
 * exit code.
 */
export const offlineCommand = [
  join(serviceDir, 'node_modules', 'serverless', 'bin', 'serverless.js'),
  'offline',
  'start',
  '--noSponsor',
] as const
