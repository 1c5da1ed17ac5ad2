import { randomUUID } from 'node:crypto'
import type { CountingAws } from '../counting-aws/server'
import { connectEvent, messageEvent } from '../drivers/gateway-events'
import { startDriver } from '../drivers/start'
import { connectionIdOf, everyone } from '../model'
import type { PublishCalls } from './publish-calls'
import { reasonOf } from './plan'

const board = 'bench'
const query = `subscription { draft(board: "${board}") }`

/**
 * Counts calls, units and executions for an event of an ephemeral channel to one subscriber, in a process that has
 * published to it before. The chat has no such channel, so this uses the functions of the fixture API, with dynalite.
 */
export async function countEphemeralEvent({
  aws,
  certificateFile,
}: {
  readonly aws: CountingAws
  readonly certificateFile: string
}): Promise<PublishCalls> {
  const row = { contender: 'project', room: everyone(1), isEphemeral: true } as const
  const start = (name: string) =>
    startDriver({
      file: 'drivers/project.js',
      origin: aws.origin,
      certificateFile,
      settings: { FUNCTIONS: 'functions-fixture', FUNCTION: name },
    })
  const functions = {
    connect: await start('connect'),
    default: await start('default'),
    publish: await start('publish'),
  }
  const publish = () => {
    const Message = JSON.stringify({ channel: 'draft', keys: [board], data: 'Hello' })
    return functions.publish.invoke({ Records: [{ Sns: { MessageId: randomUUID(), Message } }] })
  }
  try {
    const connectionId = connectionIdOf(0)
    await functions.connect.invoke(connectEvent(connectionId))
    await functions.default.invoke(messageEvent(connectionId, { id: '1', type: 'start', payload: { query } }))
    await publish()
    aws.take()
    const { executions } = await publish()
    const { calls, ...units } = aws.take()
    if (calls['PostToConnection'] !== 1)
      throw new Error(`${calls['PostToConnection'] ?? 0} posts to one subscriber, expected 1`)
    return { ...row, calls, executions, ...units }
  } catch (error) {
    return { ...row, calls: {}, readUnits: NaN, writeUnits: NaN, executions: NaN, failure: reasonOf(error) }
  } finally {
    for (const driver of Object.values(functions)) driver.stop()
  }
}
