import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { serviceDir } from '../../local/offline-command'

const ServerlessYml = v.object({ service: v.string() })
const text = readFileSync(join(serviceDir, 'serverless.yml'), 'utf8')
const { service } = v.parse(ServerlessYml, parse(text, { logLevel: 'silent' })) // the tags, such as !Ref, are CloudFormation's

/** The names of all resources of a stage begin with this. */
export function stageName(stage: string): string {
  return `${service}-${stage}`
}
