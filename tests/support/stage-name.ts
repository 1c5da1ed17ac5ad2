import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { serviceDir } from '../../local/offline-command'

const ServerlessYml = v.object({ service: v.string() })
const text = readFileSync(join(serviceDir, 'serverless.yml'), 'utf8')
// Silent, because `yaml` warns about CloudFormation's tags, such as !Ref.
const { service } = v.parse(ServerlessYml, parse(text, { logLevel: 'silent' }))

/** The prefix of the names of all resources of a stage. */
export function stageName(stage: string): string {
  return `${service}-${stage}`
}
