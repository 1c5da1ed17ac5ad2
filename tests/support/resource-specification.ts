import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { Resource } from './packaged'

const specification = loadAwsServiceSpecSync()

function specificationOf(type: string) {
  const [found] = specification.lookup('resource', 'cloudFormationType', 'equals', type)
  return found
}

type ResourceSpecification = NonNullable<ReturnType<typeof specificationOf>>
type PropertySpecifications = ResourceSpecification['properties']
type PropertyType = PropertySpecifications[string]['type']

type Resources = Readonly<Record<string, Resource>>

/**
 * Checks resources against AWS's resource specification, as CloudFormation does: types and properties must exist,
 * required properties must be present, values must have the right type, and references, attributes and policies must
 * exist.
 * Values of a union type are not checked.
 *
 * @returns the mistakes, each with its place
 */
export function mistakesIn(resources: Resources): readonly string[] {
  return Object.entries(resources).flatMap(([id, { Type, Properties, DependsOn, ...policies }]) => {
    const specified = specificationOf(Type)
    if (!specified) return [`${id}: there is no ${Type}`]
    return [
      ...inPolicies(id, policies),
      ...inProperties(id, Properties, specified.properties),
      ...[DependsOn].flat().flatMap((name) => missing(`${id}.DependsOn`, name, resources)),
      ...inReferences(id, Properties, resources),
    ]
  })
}

function inPolicies(at: string, policies: Pick<Resource, 'DeletionPolicy' | 'UpdateReplacePolicy'>): readonly string[] {
  const { DeletionPolicy: deletion = 'Delete', UpdateReplacePolicy: replacement = 'Delete' } = policies
  const allowed = ['Delete', 'Retain', 'Snapshot']
  return [
    ...([...allowed, 'RetainExceptOnCreate'].includes(deletion)
      ? []
      : [`${at}.DeletionPolicy: there is no ${deletion}`]),
    ...(allowed.includes(replacement) ? [] : [`${at}.UpdateReplacePolicy: there is no ${replacement}`]),
  ]
}

function inProperties(at: string, value: unknown, specified: PropertySpecifications): readonly string[] {
  if (!isObject(value)) return [`${at}: is no object`]
  const unknown = Object.keys(value).filter((name) => !(name in specified))
  return [
    ...unknown.map((name) => `${at}.${name}: is not specified`),
    ...Object.entries(specified).flatMap(([name, { type, required }]) => {
      if (value[name] !== undefined) return inValue(`${at}.${name}`, value[name], type)
      return required === true ? [`${at}.${name}: is missing`] : []
    }),
  ]
}

function inValue(at: string, value: unknown, type: PropertyType): readonly string[] {
  if (isIntrinsic(value)) return []
  switch (type.type) {
    case 'string':
      return ['string', 'number'].includes(typeof value) ? [] : [`${at}: is no string`]
    case 'integer':
    case 'number':
      return value !== '' && Number.isFinite(Number(value)) ? [] : [`${at}: is no number`]
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${at}: is no boolean`]
    case 'array':
      if (!Array.isArray(value)) return [`${at}: is no list`]
      return value.flatMap((element, n) => inValue(`${at}[${n}]`, element, type.element))
    case 'map':
      if (!isObject(value)) return [`${at}: is no object`]
      return Object.entries(value).flatMap(([key, element]) => inValue(`${at}.${key}`, element, type.element))
    case 'ref':
      return inProperties(at, value, specification.get('typeDefinition', type.reference.$ref).properties)
    default:
      return []
  }
}

function inReferences(at: string, value: unknown, resources: Resources): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((element, n) => inReferences(`${at}[${n}]`, element, resources))
  if (!isObject(value)) return []
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = value
  if (typeof Ref === 'string') return missing(at, Ref, resources)
  if (attribute !== undefined) return inAttribute(at, [attribute].flat().map(String).join('.'), resources)
  const within = Object.entries(value).flatMap(([key, element]) => inReferences(`${at}.${key}`, element, resources))
  if (text === undefined) return within
  const [template, variables = {}] = [text].flat() as [string, object?]
  const names = [...template.matchAll(/\$\{([^!}]+)\}/g)].flatMap(([, name = '']) => (name in variables ? [] : [name]))
  return [
    ...within,
    ...names.flatMap((name) => (name.includes('.') ? inAttribute(at, name, resources) : missing(at, name, resources))),
  ]
}

function inAttribute(at: string, name: string, resources: Resources): readonly string[] {
  const [id = '', ...path] = name.split('.')
  const resource = resources[id]
  if (!resource) return missing(at, id, resources)
  const attribute = path.join('.')
  const { attributes = {}, properties = {} } = specificationOf(resource.Type) ?? {}
  return attribute in attributes || attribute in properties ? [] : [`${at}: ${resource.Type} has no ${attribute}`]
}

function missing(at: string, id: string | undefined, resources: Resources): readonly string[] {
  return id === undefined || id.startsWith('AWS::') || id in resources ? [] : [`${at}: there is no ${id}`]
}

/** Whether a value is an intrinsic function such as `Ref` or `Fn::Sub`, whose value only AWS knows. */
function isIntrinsic(value: unknown): boolean {
  if (!isObject(value)) return false
  const [key = '', ...others] = Object.keys(value)
  return others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
