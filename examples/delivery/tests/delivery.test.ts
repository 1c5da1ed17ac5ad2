import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Service, startService } from 'serverless-graphql-subscriptions/testing'
import { type Client, libraries } from './support/clients'
import { startLine } from './support/line'

/** The stages run at once, each with its own ports. */
let open: Service
let closed: Service
const cleanUps: (() => unknown)[] = []

beforeAll(async () => {
  ;[open, closed] = await Promise.all([startService(), startService({ args: ['--stage', 'prod'] })])
})

afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp()
  await Promise.all([open, closed].map((service) => service?.stop()))
})

interface Order {
  readonly id: string
  readonly status: string
  readonly version: number
}

describe.each(Object.entries(libraries))('a client with %s', (_library, makeClient) => {
  async function connect({ sub, groups = '', url = open.webSocketUrl }: Connect): Promise<Client> {
    const client = makeClient({ url, params: { token: await tokenOf(open, sub, groups), clientId: randomUUID() } })
    cleanUps.push(client.close)
    return client
  }

  it('receives the state of an order, then each change, though its line is cut meanwhile', async () => {
    const { customer, restaurant, orderId } = await placeOrder()
    const line = await startLine(open.webSocketUrl)
    cleanUps.push(line.close)
    const orderStatus = `orderStatus(orderId: "${orderId}") { status version }`
    const next = (await connect({ sub: customer, url: line.url })).subscribe<Order>(orderStatus)
    const witness = (await connect({ sub: customer })).subscribe<Order>(orderStatus)
    const seen = newer(next)
    expect(await seen()).toEqual({ status: 'PLACED', version: 1 })
    await witness()

    line.cut()
    for (const [status, version] of [
      ['COOKING', 2],
      ['READY', 3],
    ] as const) {
      await setStatus(orderId, status, restaurant)
      expect(await newer(witness, version)()).toMatchObject({ status })
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

  it("receives its restaurant's orders of one status, those that were there first", async () => {
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

  it("receives a courier's positions, which other programs publish to the topic", async () => {
    const courier = randomUUID()
    const next = (await connect({ sub: 'ann' })).subscribe<object>(
      `courierPosition(courierId: "${courier}") { latitude }`,
    )
    const arrived = next()
    // A position that nobody listens to is gone, so the courier goes on until one has arrived.
    for (let latitude = 48, isDone = false; !isDone; latitude += 0.1) {
      await publish({ channel: 'courier', keys: [courier], data: { latitude, longitude: 2 } })
      isDone = await Promise.race([arrived.then(() => true), sleep(100).then(() => false)])
    }
    expect(await arrived).toEqual({ latitude: expect.any(Number) })
  })

  it('receives what a kitchen reports to EventBridge', async () => {
    const { customer, orderId } = await placeOrder()
    const next = newer(
      (await connect({ sub: customer })).subscribe<Order>(`orderStatus(orderId: "${orderId}") { status version }`),
    )
    expect(await next()).toEqual({ status: 'PLACED', version: 1 })
    const detail = { orderId, status: 'COOKING' }
    await open.invoke('delivery-dev-kitchen', {
      source: 'com.example.kitchen',
      'detail-type': 'OrderStatusChanged',
      detail,
    })
    expect(await next()).toEqual({ status: 'COOKING', version: 2 })
  })

  it('is let into the closed stage with a token, and not without', async () => {
    const { customer, orderId } = await placeOrder(closed)
    const subscription = `orderStatus(orderId: "${orderId}") { status }`
    const anonymous = makeClient({ url: closed.webSocketUrl, params: {} })
    const ann = makeClient({ url: closed.webSocketUrl, params: { token: await tokenOf(closed, customer) } })
    cleanUps.push(anonymous.close, ann.close)
    expect(await ann.subscribe(subscription)()).toEqual({ status: 'PLACED' })
    await expect(anonymous.subscribe(subscription)()).rejects.toThrow()
  })
})

describe('the HTTP API', () => {
  it('shows an order to its customer and to its restaurant, and to nobody else', async () => {
    const { customer, restaurant, orderId } = await placeOrder()
    const query = `{ order(id: "${orderId}") { status } }`
    expect(await post(open, query, customer)).toEqual({ order: { status: 'PLACED' } })
    expect(await post(open, query, 'cook', restaurant)).toEqual({ order: { status: 'PLACED' } })
    await expect(post(open, query, 'somebody else')).rejects.toThrow("This is another customer's order.")
  })

  it('says that there is no such order', async () => {
    await expect(post(open, '{ order(id: "none") { status } }', 'ann')).rejects.toThrow('There is no order "none".')
  })
})

interface Connect {
  readonly sub: string
  readonly groups?: string
  readonly url?: string
}

/** A client may receive the same change twice: what is not newer than what it has is dropped, as an application does. */
function newer(next: () => Promise<Order>, version = 0): () => Promise<Order> {
  return async () => {
    let order = await next()
    while (order.version <= version) order = await next()
    version = order.version
    return order
  }
}

async function tokenOf({ tokenUrl }: Service, sub: string, groups = ''): Promise<string> {
  const response = await fetch(`${tokenUrl}?${new URLSearchParams({ sub, groups })}`)
  return response.text()
}

async function placeOrder(service = open) {
  const [customer, restaurant] = [randomUUID(), randomUUID()]
  const mutation = `mutation { placeOrder(restaurantId: "${restaurant}", dishes: ["soup"]) { id } }`
  const { placeOrder } = await post<{ placeOrder: Order }>(service, mutation, customer)
  return { customer, restaurant, orderId: placeOrder.id }
}

async function setStatus(orderId: string, status: string, restaurant: string): Promise<void> {
  await post(open, `mutation { setStatus(orderId: "${orderId}", status: ${status}) { version } }`, 'cook', restaurant)
}

async function post<Data>(service: Service, query: string, sub: string, groups = ''): Promise<Data> {
  const authorization = `Bearer ${await tokenOf(service, sub, groups)}`
  const headers = { 'content-type': 'application/json', authorization }
  const response = await fetch(service.httpUrl, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const { data, errors } = (await response.json()) as { data: Data; errors?: readonly Error[] }
  if (errors) throw new Error(errors.map(({ message }) => message).join(' '))
  return data
}

/** As the SDK of any language does: producers/courier.py. */
async function publish(event: object): Promise<void> {
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:delivery-dev-messages'
  const body = new URLSearchParams({ Action: 'Publish', TopicArn, Message: JSON.stringify(event) })
  const response = await fetch(open.snsEndpoint, { method: 'POST', body })
  if (!response.ok) throw new Error(await response.text())
}
