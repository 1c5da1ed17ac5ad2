import { bundleFunctions } from '../../chaos/cloud'

/** Environment variable with the folder of the bundles. */
const variable = 'BUNDLED_FUNCTIONS'

/**
 * Bundles the functions of the chaos suites. jest's workers inherit their folder in the environment.
 *
 * @returns a function that deletes the bundles
 */
export async function bundleSharedFunctions(): Promise<() => Promise<void>> {
  const { folder, remove } = await bundleFunctions()
  process.env[variable] = folder
  return remove
}

/** The folder of the bundles. */
export function bundledFunctions(): string {
  const folder = process.env[variable]
  if (folder === undefined) throw new Error('tests/setup/chaos.ts sets BUNDLED_FUNCTIONS')
  return folder
}
