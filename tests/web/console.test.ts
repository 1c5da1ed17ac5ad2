import { expect, it } from '@jest/globals'
import { buildSchema, type FieldNode, Kind, parse, validate } from 'graphql'
import type { Client, SubscribePayload } from 'graphql-ws'
import { typeDefs } from '../../schema/generated'
import { examples } from '../../web/src/console/examples'
import { fetcherOver } from '../../web/src/console/fetcher'

const schema = buildSchema(typeDefs)
const document = parse(examples)

it('the examples cover every root field of the schema', () => {
  expect(validate(schema, document)).toEqual([])
  const shown = document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return []
    return definition.selectionSet.selections.map(
      (field) => `${definition.operation} ${(field as FieldNode).name.value}`,
    )
  })
  const there = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}).map((field) => `${String(type?.name.toLowerCase())} ${field}`),
  )
  expect(shown.toSorted()).toEqual(there.toSorted())
})

it('the fetcher sends only the selected operation', () => {
  const sent: SubscribePayload[] = []
  const client = { iterate: (payload: SubscribePayload) => sent.push(payload) } as unknown as Client
  const fetcher = fetcherOver(client)
  void fetcher({ query: examples, operationName: 'Typing' })
  void fetcher({ query: '{ getEvent }' })
  expect(sent).toEqual([
    { query: expect.stringMatching(/^subscription Typing {[^}]*}\n}$/), operationName: 'Typing' },
    { query: '{ getEvent }', operationName: null },
  ])
})
