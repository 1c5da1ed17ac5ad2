/** An attribute value in DynamoDB's JSON ("AttributeValue", API reference): the types that the tables use. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Readonly<Record<string, AttributeValue>> }

export type AttributeMap = Readonly<Record<string, AttributeValue>>

/** A value that an attribute can hold. Undefined values are omitted from the item. */
export type Storable =
  string | number | boolean | null | undefined | readonly Storable[] | { readonly [name: string]: Storable }

function fromAttributeValue(attribute: AttributeValue): unknown {
  if ('S' in attribute) return attribute.S
  if ('N' in attribute) return Number(attribute.N)
  if ('BOOL' in attribute) return attribute.BOOL
  if ('NULL' in attribute) return null
  if ('L' in attribute) return attribute.L.map(fromAttributeValue)
  return fromAttributeMap(attribute.M)
}

export function fromAttributeMap(attributes: AttributeMap): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, fromAttributeValue(value)]))
}

/** Numbers are written as JavaScript prints them, which DynamoDB accepts below 1e126. */
function toAttributeValue(value: Exclude<Storable, undefined>): AttributeValue {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (value === null) return { NULL: true }
  if (isList(value)) return { L: value.filter((element) => element !== undefined).map(toAttributeValue) }
  return { M: toAttributeMap(value) }
}

export function toAttributeMap(values: Readonly<Record<string, Storable>>): AttributeMap {
  const present = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, toAttributeValue(value)] as const],
  )
  return Object.fromEntries(present)
}

function isList(value: object): value is readonly Storable[] {
  return Array.isArray(value)
}

/** A string or number attribute, as text. Throws a TypeError if the item lacks it. */
export function textOf(item: AttributeMap, name: string): string {
  const text = optionalTextOf(item, name)
  if (text === undefined)
    throw new TypeError(`Expected the item to have a string or a number in the attribute "${name}".`)
  return text
}

export function optionalTextOf(item: AttributeMap, name: string): string | undefined {
  const value = item[name]
  if (!value) return undefined
  if ('S' in value) return value.S
  return 'N' in value ? value.N : undefined
}

/** The number in an attribute; undefined if the item or the attribute is absent. */
export function numberOf(item: AttributeMap | undefined, name: string): number | undefined {
  const value = item?.[name]
  return value && 'N' in value ? Number(value.N) : undefined
}
