import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import yaml from 'js-yaml'
import * as v from 'valibot'

const Resources = v.object({ resources: v.object({ Resources: v.record(v.string(), v.unknown()) }) })
const Resource = v.object({ Properties: v.record(v.string(), v.unknown()) })

/** The properties of a resource in serverless.yml as they stand there: no variable or intrinsic function is filled in. */
export function resourceProperties(logicalId: string): Readonly<Record<string, unknown>> {
  const text = readFileSync(join(__dirname, '../../serverless.yml'), 'utf8')
  const { resources } = v.parse(Resources, yaml.load(text, { schema: yaml.DEFAULT_SCHEMA.extend(intrinsicFunctions) }))
  const resource = v.safeParse(Resource, resources.Resources[logicalId])
  if (!resource.success) throw new Error(`serverless.yml itself has no resource ${logicalId}.`)
  return resource.output.Properties
}

/** `!Ref`, `!Sub` and the like: any tag before a text or a list. */
const intrinsicFunctions = (['scalar', 'sequence', 'mapping'] as const).map(
  (kind) => new yaml.Type('!', { kind, multi: true, construct: (data: unknown) => data }),
)
