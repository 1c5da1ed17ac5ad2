import { setUpShared } from './shared-services'

/** Starts both shared services concurrently. */
export default async function setUpService(): Promise<void> {
  await Promise.all([setUpShared('fixture'), setUpShared('chat')])
}
