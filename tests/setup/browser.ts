import { startSharedBrowser } from '../support/browser'
import { buildSharedPage } from '../support/built-page'
import { startSharedService } from '../support/shared-service'
import { setUpOnce } from './set-up-once'

/** Starts Chromium and the chat, and builds the page, once for all suites. */
export default async function setUpBrowser(): Promise<void> {
  await Promise.all([
    setUpOnce('chat', () => startSharedService('chat')),
    setUpOnce('page', buildSharedPage),
    setUpOnce('browser', startSharedBrowser),
  ])
}
