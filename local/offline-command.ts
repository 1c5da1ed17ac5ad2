import { join } from 'node:path'

/** The folder of serverless.yml. */
export const serviceDir = join(__dirname, '..')

/**
 * Arguments for `node` that start the local service. Without npx or a shell in between, whoever starts it has its process id
 * and its exit code.
 */
export const offlineCommand = [
  join(serviceDir, 'node_modules', 'serverless', 'bin', 'serverless.js'),
  'offline',
  'start',
  '--noSponsor',
] as const
