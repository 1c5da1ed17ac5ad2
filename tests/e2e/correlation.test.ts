import { expect, it } from '@jest/globals'
import * as v from 'valibot'
import { dial } from '../support/bare-socket'
import { postGraphql } from '../support/post-graphql'
import { sharedService } from '../support/shared-service'
import { until } from '../support/until'
import { untilListening } from '../support/until-listening'

const service = sharedService('chat')

const Sent = v.object({ data: v.object({ sendMessage: v.object({ id: v.string() }) }) })

it('each log line from the mutation to the deliveries has the id of the message', async () => {
  const socket = await dial(service.webSocketUrl)
  socket.say({ query: 'subscription { chat(chatId: "traced") }' })
  await untilListening({ dynamoDbEndpoint: service.dynamoDbEndpoint, topic: 'chat#traced', subscribers: 1 })
  const query = 'mutation { sendMessage(chatId: "traced", text: "Hello") { id } }'
  const response = await postGraphql(service.httpUrl, { query })
  const { id } = v.parse(Sent, await response.json()).data.sendMessage
  const inEachLanguage = ['Published.', 'Settled a delivery.', 'Translated.']
  const way = ['Accepted a message.', ...inEachLanguage, ...inEachLanguage].toSorted()
  const logged = await until(
    () => Promise.resolve(linesOf(id)),
    ({ length }) => length >= way.length,
  )
  expect(logged.toSorted()).toEqual(way)
  expect(service.output()).toMatch(/"connectionId":"[^"]+","operationId":"[^"]*","outcome":"delivered"/)
  socket.close()
})

const Line = v.pipe(v.string(), v.parseJson(), v.object({ message: v.string(), correlation_id: v.string() }))

/** The messages of the log lines with this correlation id. */
function linesOf(id: string): string[] {
  return service
    .output()
    .split('\n')
    .flatMap((line) => {
      const { success, output } = v.safeParse(Line, line)
      return success && output.correlation_id === id ? [output.message] : []
    })
}
