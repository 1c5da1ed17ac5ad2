import { startSharedBrowser } from '../support/browser'
import { buildSharedPage } from '../support/built-page'
import { cleanUpLater } from './clean-ups'
import { setUpShared } from './shared-services'

/** Starts Chromium and the chat, and builds the page, once for all suites. */
export default async function setUpBrowser(): Promise<void> {
  await setUpShared('chat')
  cleanUpLater(await buildSharedPage())
  cleanUpLater(await startSharedBrowser())
}
