import { packageSharedStages } from '../support/packaged'
import { packSharedCore } from '../support/packed-core'
import { setUpOnce } from './set-up-once'

/** Packages each stage, and packs the core, once for all suites. */
export default async function setUpPackage(): Promise<void> {
  await Promise.all([setUpOnce('stages', packageSharedStages), setUpOnce('core', packSharedCore)])
}
