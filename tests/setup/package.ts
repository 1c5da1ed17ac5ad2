import { packageSharedStages } from '../support/packaged'
import { cleanUpLater } from './clean-ups'

/** Packages each stage once for all suites. */
export default async function setUpPackage(): Promise<void> {
  cleanUpLater(await packageSharedStages())
}
