import { setUpShared } from './shared-services'

/** Starts the services that suites share, both at once. */
export default async function setUpService(): Promise<void> {
  await Promise.all([setUpShared('fixture'), setUpShared('chat')])
}
