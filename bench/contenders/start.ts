import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { outDir } from '../build'
import type { Room } from '../model'
import { reply, startPinned } from '../processes'
import type { StandIns } from '../stand-ins/start'
import { functionEnvironment } from './function-environment'
import type { Measurement } from './measure'
import type { ContenderName } from './names'

export interface Contender {
  readonly publish: (room: Room) => Promise<Measurement>
  readonly stop: () => void
}

/** Starts a contender in a fresh process. Resolves once it is loaded. */
export async function startContender(
  name: ContenderName,
  { origin, certificateFile, keyFile }: StandIns,
  settings: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  const child = startPinned(0, [join(outDir, fileOf(name))], {
    ...functionEnvironment,
    NODE_EXTRA_CA_CERTS: certificateFile,
    KEY_FILE: keyFile,
    CALLBACK_URL: `${origin}/dev`,
    AWS_ENDPOINT_URL_DYNAMODB: origin,
    AWS_ENDPOINT_URL_SNS: origin,
    AWS_NODEJS_CONNECTION_REUSE_ENABLED: '1',
    // The other contenders have no rate limit and no limit per invocation, so this one publishes at full speed in one
    // invocation too.
    PUBLISH_RATE_PER_SECOND: '1000000',
    PUBLISH_BURST: '1000000',
    PUBLISH_MAX_RECIPIENTS: '1000000',
    ...(name === 'project-http1' && { PUBLISH_HTTP2: 'false' }),
    ...settings,
  })
  const sockets = name === 'stateful' ? await openSockets(child, certificateFile) : undefined
  if (!sockets) await reply(child)
  return {
    publish: async (room) => {
      child.send(room)
      const answer = await reply<Measurement | { readonly failure: string }>(child)
      if ('failure' in answer) throw new Error(answer.failure)
      return answer
    },
    stop: () => {
      sockets?.disconnect()
      child.disconnect()
    },
  }
}

function fileOf(name: ContenderName): string {
  if (name === 'aws-lambda-graphql') return 'aws-lambda-graphql/contender.js'
  return `contenders/${name === 'project-http1' ? 'project' : name}.js`
}

/** The sizes for which the stateful server has sockets. */
let socketSizes: readonly number[] = []
export function prepareSocketsFor(sizes: readonly number[]): void {
  socketSizes = sizes
}

async function openSockets(server: ChildProcess, certificateFile: string): Promise<ChildProcess> {
  const port = await new Promise<number>((resolve) => {
    server.on('message', (message: { port?: number }) => {
      if (message.port !== undefined) resolve(message.port)
    })
  })
  const sockets = startPinned(1, [join(outDir, 'contenders/sockets.js')], { NODE_EXTRA_CA_CERTS: certificateFile })
  for (const subscribers of socketSizes) {
    sockets.send({ port, subscribers })
    await reply(sockets)
  }
  return sockets
}
