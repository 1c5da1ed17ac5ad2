import { type ServiceName, startSharedService } from '../support/shared-service'
import { cleanUpLater } from './clean-ups'

const starting = new Map<ServiceName, Promise<void>>()

/** Starts a shared service once, for whichever projects need it. */
export function setUpShared(name: ServiceName): Promise<void> {
  const started =
    starting.get(name) ??
    startSharedService(name).then(({ stop }) => {
      cleanUpLater(stop)
    })
  starting.set(name, started)
  return started
}
