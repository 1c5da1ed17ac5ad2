import { startSharedBrowser } from '../support/browser'
import { buildSharedPage } from '../support/built-page'
import { cleanUpLater } from './clean-ups'
import setUpService from './service'

/** Starts Chromium and the shared service, and builds the page, once for all suites. */
export default async function setUpBrowser(): Promise<void> {
  await setUpService()
  cleanUpLater(await buildSharedPage())
  cleanUpLater(await startSharedBrowser())
}
