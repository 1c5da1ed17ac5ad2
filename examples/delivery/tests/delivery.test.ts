import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Service, startService } from 'serverless-graphql-subscriptions/testing'
import { type Client, libraryNames, makeClient } from './support/clients'
import { startLine } from './support/line'

/** A closed stage, with local stand-ins for the tables, the topics and the token issuer, on free ports. */
let service: Service
const cleanUps: (() => unknown)[] = []

beforeAll(async () => {
  service = await startService({ args: ['--stage', 'prod'] })
})

afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp()
  await service.stop()
})

interface Order {
  readonly id: string
  readonly status: string
  readonly version: number
}

describe.each(libraryNames)('a client with %s', (library) => {
  async function connect({ sub, groups = '', url = service.webSocketUrl }: Connect): Promise<Client> {
    const client = makeClient(library, { url, token: await tokenOf(sub, groups) })
    cleanUps.push(client.close)
    return client
  }

  it('receives the state of an order, then each change, also across a cut connection', async () => {
    const { customer, restaurant, orderId } = await placeOrder()
    const line = await startLine(service.webSocketUrl)
    cleanUps.push(line.close)
    const orderStatus = `orderStatus(orderId: "${orderId}") { status version }`
    const seen = newer((await connect({ sub: customer, url: line.url })).subscribe(orderStatus))
    const seenByWitness = newer((await connect({ sub: customer })).subscribe(orderStatus))
    for (const next of [seen, seenByWitness]) expect(await next()).toEqual({ status: 'PLACED', version: 1 })

    line.cut()
    for (const status of ['COOKING', 'READY']) {
      await setStatus(orderId, status, restaurant)
      expect(await seenByWitness()).toMatchObject({ status })
    }
    line.repair()
    expect(await seen()).toEqual({ status: 'COOKING', version: 2 })
    expect(await seen()).toEqual({ status: 'READY', version: 3 })

    await setStatus(orderId, 'DELIVERED', restaurant)
    expect(await seen()).toEqual({ status: 'DELIVERED', version: 4 })
  })

  it('is refused the order of another customer', async () => {
    const { orderId } = await placeOrder()
    const next = (await connect({ sub: 'somebody else' })).subscribe(`orderStatus(orderId: "${orderId}") { status }`)
    await expect(next()).rejects.toThrow("This is another customer's order.")
  })

  it("receives only its restaurant's orders of the requested status", async () => {
    const { restaurant, orderId } = await placeOrder()
    const kitchen = await connect({ sub: 'cook', groups: restaurant })
    const next = kitchen.subscribe<{ sequence: number; order: Order }>(
      `restaurantOrders(restaurantId: "${restaurant}", status: READY, after: 0) { sequence order { status version } }`,
    )
    for (const status of ['COOKING', 'READY', 'DELIVERED', 'READY']) await setStatus(orderId, status, restaurant)
    const received = [await next(), await next()]
    expect(received.map(({ order }) => order.status)).toEqual(['READY', 'READY'])
    expect(received.map(({ order }) => order.version).sort()).toEqual([3, 5])
  })

  it('is refused the orders of a restaurant that it does not work for', async () => {
    const next = (await connect({ sub: 'cook' })).subscribe('restaurantOrders(restaurantId: "r") { sequence }')
    await expect(next()).rejects.toThrow('You do not work for restaurant "r".')
  })

  it("receives a courier's position that another program publishes to the topic", async () => {
    const courier = randomUUID()
    const next = (await connect({ sub: 'ann' })).subscribe<object>(
      `courierPosition(courierId: "${courier}") { latitude }`,
    )
    const arrived = next()
    // A position without a subscriber is lost, so the courier publishes until one has arrived.
    for (let latitude = 48, isDone = false; !isDone; latitude += 0.1) {
      await publish({ channel: 'courier', keys: [courier], data: { latitude, longitude: 2 } })
      isDone = await Promise.race([arrived.then(() => true), sleep(100).then(() => false)])
    }
    expect(await arrived).toEqual({ latitude: expect.any(Number) })
  })

  it('sees which couriers are on duty', async () => {
    const zone = randomUUID()
    const onDuty = `couriersOnDuty(zone: "${zone}", name:`
    const next = (await connect({ sub: 'dispatcher' })).subscribe<object>(`${onDuty} null) { names }`)
    expect(await next()).toEqual({ names: [] })
    const courier = await connect({ sub: `courier of ${zone}` })
    courier.subscribe(`${onDuty} "Eva") { count }`)
    expect(await next()).toEqual({ names: ['Eva'] })
  })

  it('receives a status change that a kitchen reports to EventBridge', async () => {
    const { customer, orderId } = await placeOrder()
    const next = newer(
      (await connect({ sub: customer })).subscribe<Order>(`orderStatus(orderId: "${orderId}") { status version }`),
    )
    expect(await next()).toEqual({ status: 'PLACED', version: 1 })
    const detail = { orderId, status: 'COOKING' }
    await service.invoke('delivery-prod-kitchen', {
      source: 'com.example.kitchen',
      'detail-type': 'OrderStatusChanged',
      detail,
    })
    expect(await next()).toEqual({ status: 'COOKING', version: 2 })
  })

  it('is refused without a token', async () => {
    const stranger = makeClient(library, { url: service.webSocketUrl })
    cleanUps.push(stranger.close)
    await expect(stranger.subscribe('courierPosition(courierId: "c") { latitude }')()).rejects.toThrow(/token/)
  })
})

describe('the HTTP API', () => {
  it('returns an order to its customer and its restaurant, and refuses it to other customers', async () => {
    const { customer, restaurant, orderId } = await placeOrder()
    const query = `{ order(id: "${orderId}") { status } }`
    expect(await post(query, customer)).toEqual({ order: { status: 'PLACED' } })
    expect(await post(query, 'cook', restaurant)).toEqual({ order: { status: 'PLACED' } })
    await expect(post(query, 'somebody else')).rejects.toThrow("This is another customer's order.")
  })

  it('returns an error for an unknown order', async () => {
    await expect(post('{ order(id: "none") { status } }', 'ann')).rejects.toThrow('There is no order "none".')
  })
})

interface Connect {
  readonly sub: string
  readonly groups?: string
  readonly url?: string
}

/**
 * The state that is sent first may contain changes that follow: what is not newer is dropped, as an application does.
 */
function newer(next: () => Promise<Order>): () => Promise<Order> {
  let version = 0
  return async () => {
    let order = await next()
    while (order.version <= version) order = await next()
    version = order.version
    return order
  }
}

async function tokenOf(sub: string, groups = ''): Promise<string> {
  const response = await fetch(`${service.tokenUrl}?${new URLSearchParams({ sub, groups }).toString()}`)
  return response.text()
}

async function placeOrder() {
  const [customer, restaurant] = [randomUUID(), randomUUID()]
  const mutation = `mutation { placeOrder(restaurantId: "${restaurant}", dishes: ["soup"]) { id } }`
  const { placeOrder } = await post<{ placeOrder: { id: string } }>(mutation, customer)
  return { customer, restaurant, orderId: placeOrder.id }
}

async function setStatus(orderId: string, status: string, restaurant: string): Promise<void> {
  await post(`mutation { setStatus(orderId: "${orderId}", status: ${status}) { version } }`, 'cook', restaurant)
}

async function post<Data>(query: string, sub: string, groups = ''): Promise<Data> {
  const authorization = `Bearer ${await tokenOf(sub, groups)}`
  const headers = { 'content-type': 'application/json', authorization }
  const response = await fetch(service.httpUrl, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const { data, errors } = (await response.json()) as { data: Data; errors?: readonly Error[] }
  if (errors) throw new Error(errors.map(({ message }) => message).join(' '))
  return data
}

/** As the SDK of any language does: producers/courier.py. */
async function publish(event: object): Promise<void> {
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:delivery-prod-messages'
  const body = new URLSearchParams({ Action: 'Publish', TopicArn, Message: JSON.stringify(event) })
  const response = await fetch(service.snsEndpoint, { method: 'POST', body })
  if (!response.ok) throw new Error(await response.text())
}
