import { join } from 'node:path'
import { outDir } from '../build'
import { functionEnvironment } from '../contenders/function-environment'
import { reply, startPinned } from '../processes'
import type { Invocation, Loaded } from './drive'

/** A Lambda function in a fresh process. */
export interface Driver {
  readonly loaded: Loaded
  readonly invoke: (event: unknown) => Promise<Invocation>
  readonly stop: () => void
}

interface DriverOptions {
  /** Relative to the build folder. */
  readonly file: string
  /** The address of the stand-in for AWS. */
  readonly origin: string
  readonly certificateFile: string
  readonly settings?: Readonly<Record<string, string>>
}

export async function startDriver({ file, origin, certificateFile, settings = {} }: DriverOptions): Promise<Driver> {
  const child = startPinned(0, [join(outDir, file)], {
    ...functionEnvironment,
    NODE_EXTRA_CA_CERTS: certificateFile,
    CALLBACK_URL: `${origin}/dev`,
    AWS_ENDPOINT_URL: origin,
    AWS_NODEJS_CONNECTION_REUSE_ENABLED: '1',
    ...settings,
  })
  const loaded = await reply<Loaded>(child)
  return {
    loaded,
    invoke: async (event) => {
      child.send(event as object)
      const answer = await reply<Invocation | { readonly failure: string }>(child)
      if ('failure' in answer) throw new Error(answer.failure)
      return answer
    },
    stop: () => {
      child.disconnect()
    },
  }
}
