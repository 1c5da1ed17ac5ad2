import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { serviceDir } from '../../local/offline-command'
import { isOpen } from '../../lib/local/ports'
import { freePorts, runOffline, type ServiceAddresses, startService } from '../support/service'
import { sharedService } from '../support/shared-service'

const cleanUps: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

test.each([
  ['HTTP_PORT', 'the HTTP API'],
  ['TRANSLATE_PORT', 'the stand-in for Translate'],
  ['TOKEN_ISSUER_PORT', 'the local token issuer'],
])('a busy %s makes the start exit with code 1 and a message that says what to do', async (variable, purpose) => {
  const port = await occupy()
  const running = runOffline({ env: { ...(await freePorts()), [variable]: String(port) } })
  cleanUps.push(running.stop)

  expect(await running.exited).toBe(1)
  expect(running.output()).toBe(
    `Port ${port} for ${purpose} is already in use, probably by another instance of this service: ` +
      `stop it, or set ${variable} to another port.\n`,
  )
})

// Regression: the IPC channel to the parent kept the process alive after Serverless had failed.
test('an invalid param makes the start exit with code 1 and a message that names the setting', async () => {
  const running = runOffline({ env: await freePorts(), args: ['--param=introspection=off'] })
  cleanUps.push(running.stop)

  expect(await running.exited).toBe(1)
  expect(running.output()).toContain('"provider.environment.INTROSPECTION"')
})

test('a service starts beside another; stopping it closes its ports and deletes its build', async () => {
  const other = addressesOf(sharedService('chat'))
  const service = await startService()
  cleanUps.push(service.stop)
  const own = addressesOf(service)
  const build = join(serviceDir, 'node_modules', '.cache', 'local-service', String(service.processId))

  expect(existsSync(build)).toBe(true)
  const ports = [...own, ...other].map((url) => new URL(url).port)
  expect(new Set(ports).size).toBe(ports.length)
  expect(await Promise.all([...own, ...other].map(answers))).toEqual(ports.map(() => true))

  await service.stop()

  expect(await Promise.all(own.map(answers))).toEqual(own.map(() => false))
  expect(existsSync(build)).toBe(false)
  expect(await Promise.all(other.map(answers))).toEqual(other.map(() => true))
}, 180_000)

function addressesOf({ webSocketUrl, httpUrl, dynamoDbEndpoint }: ServiceAddresses): readonly string[] {
  return [webSocketUrl, httpUrl, dynamoDbEndpoint]
}

async function occupy(): Promise<number> {
  const server: Server = createServer()
  server.listen(0, 'localhost')
  await once(server, 'listening')
  cleanUps.push(() => once(server.close(), 'close'))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No TCP port')
  return address.port
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return isOpen(hostname, Number(port))
}
