import { startSharedService } from '../support/shared-service'
import { setUpOnce } from './set-up-once'

/** Starts both shared services concurrently. */
export default async function setUpService(): Promise<void> {
  await Promise.all([
    setUpOnce('fixture', () => startSharedService('fixture')),
    setUpOnce('chat', () => startSharedService('chat')),
  ])
}
