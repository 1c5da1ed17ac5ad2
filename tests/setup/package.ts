import { packageSharedStages } from '../support/packaged'
import { packSharedCore } from '../support/packed-core'
import { cleanUpLater } from './clean-ups'

/** Packages each stage, and packs the core, once for all suites. */
export default async function setUpPackage(): Promise<void> {
  for (const cleanUp of await Promise.all([packageSharedStages(), packSharedCore()])) cleanUpLater(cleanUp)
}
