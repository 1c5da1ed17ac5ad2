import { type ServiceName, startSharedService } from '../support/shared-service'
import { cleanUpLater } from './clean-ups'

const starting = new Map<ServiceName, Promise<void>>()

/** Starts a shared service. Projects that need the same service share one start. */
export function setUpShared(name: ServiceName): Promise<void> {
  const started =
    starting.get(name) ??
    startSharedService(name).then(({ stop }) => {
      cleanUpLater(stop)
    })
  starting.set(name, started)
  return started
}
