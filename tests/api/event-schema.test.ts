import { describe, expect, it } from '@jest/globals'
import schema from '../../lib/event.schema.json'
import { event, goodEvents, wrongEvents } from '../channels/support/wire-events'

/**
 * Rules that JSON Schema cannot express: the channels of an API, well-formed Unicode, and lengths in bytes of UTF-8.
 */
const beyondSchema: ReadonlySet<string> = new Set([
  'of an unknown channel',
  'of the unknown channel "constructor"',
  'with keys that are too long',
  'with a tag that is too long',
  'with an id of 1,026 bytes in 513 characters',
  'with half a surrogate pair in its key',
  'with half a surrogate pair in its id',
])

describe('the JSON Schema of an event', () => {
  it.each(goodEvents)('accepts an event %s', (_what, good) => {
    expect(faultsOf(throughJson(good))).toEqual([])
  })

  it.each(wrongEvents.filter(([what]) => !beyondSchema.has(what)))('refuses an event %s', (_what, wrong) => {
    expect(faultsOf(throughJson(wrong))).not.toEqual([])
  })

  it('accepts invalid events only where JSON Schema cannot detect the fault', () => {
    const taken = wrongEvents.filter(([, wrong]) => faultsOf(throughJson(wrong)).length === 0)
    expect(new Set(taken.map(([what]) => what))).toEqual(beyondSchema)
  })

  it('describes each member of an event', () => {
    const { properties } = schema
    for (const member of Object.values(properties)) expect(member.description).toMatch(/\.$/)
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(event)))
  })
})

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function faultsOf(value: unknown): readonly string[] {
  return check(schema, value, 'event')
}

type Schema = Readonly<Record<string, unknown>>

/**
 * Implements the keywords of JSON Schema 2020-12 that the schema uses. Any other keyword fails the test, because
 * nothing here would check it.
 */
function check(schema: Schema, value: unknown, at: string): readonly string[] {
  return Object.entries(schema).flatMap(([keyword, wanted]) => {
    const rule = rules[keyword]
    if (!rule) throw new Error(`The schema uses "${keyword}", which this test does not know.`)
    return rule(wanted as never, value, { at, schema })
  })
}

interface Place {
  readonly at: string
  /** The schema that contains the keyword. */
  readonly schema: Schema
}

type Rule = (wanted: never, value: unknown, place: Place) => readonly string[]

const annotation: Rule = () => []
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

const rules: Readonly<Record<string, Rule | undefined>> = {
  $schema: annotation,
  title: annotation,
  description: annotation,
  type: (wanted: string, value, { at }) => unless(typeOf(value) === wanted, `${at} is no ${wanted}`),
  required: (names: readonly string[], value, { at }) =>
    names.flatMap((name) => unless(!isObject(value) || Object.hasOwn(value, name), `${at} has no ${name}`)),
  properties: (properties: Readonly<Record<string, Schema>>, value, { at }) =>
    Object.entries(properties).flatMap(([name, schema]) =>
      isObject(value) && Object.hasOwn(value, name) ? check(schema, value[name], `${at}.${name}`) : [],
    ),
  additionalProperties: (_no: false, value, { at, schema }) =>
    isObject(value)
      ? Object.keys(value).flatMap((name) =>
          unless(Object.hasOwn(schema['properties'] as object, name), `${at} has ${name}`),
        )
      : [],
  anyOf: (schemas: readonly Schema[], value, { at }) =>
    unless(
      schemas.some((schema) => check(schema, value, at).length === 0),
      `${at} is none of them`,
    ),
  oneOf: (schemas: readonly Schema[], value, { at }) =>
    unless(schemas.filter((schema) => check(schema, value, at).length === 0).length === 1, `${at} is not one of them`),
  const: (wanted: unknown, value, { at }) => unless(value === wanted, `${at} is not ${String(wanted)}`),
  items: (schema: Schema, value, { at }) =>
    Array.isArray(value) ? value.flatMap((item, n) => check(schema, item, `${at}[${n}]`)) : [],
  minItems: (least: number, value, { at }) => unless(!Array.isArray(value) || value.length >= least, `${at} is short`),
  maxItems: (most: number, value, { at }) => unless(!Array.isArray(value) || value.length <= most, `${at} is long`),
  minLength: (least: number, value, { at }) => unless(lengthOf(value, least) >= least, `${at} is short`),
  maxLength: (most: number, value, { at }) => unless(lengthOf(value, most) <= most, `${at} is long`),
  pattern: (pattern: string, value, { at }) =>
    unless(typeof value !== 'string' || new RegExp(pattern, 'u').test(value), `${at} does not match`),
  format: (_dateTime: 'date-time', value, { at }) =>
    unless(typeof value !== 'string' || dateTime.test(value), `${at} is no time`),
}

function unless(holds: boolean, fault: string): readonly string[] {
  return holds ? [] : [fault]
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeOf(value) === 'object'
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/**
 * The length of a string in code points. Returns `otherwise` for any other value, so that rules about length accept it.
 */
function lengthOf(value: unknown, otherwise: number): number {
  return typeof value === 'string' ? Array.from(value).length : otherwise
}
