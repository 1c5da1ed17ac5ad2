import { startSharedService } from '../support/shared-service'
import { cleanUpLater } from './clean-ups'

let starting: Promise<void> | undefined

/** Starts the shared service once, for whichever projects need it. */
export default function setUpService(): Promise<void> {
  starting ??= startSharedService().then(({ stop }) => {
    cleanUpLater(stop)
  })
  return starting
}
