import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { serviceDir } from '../../local/offline-command'

const serverlessYml = v.object({
  resources: v.object({ Resources: v.record(v.string(), v.unknown()) }),
})
const table = v.object({ Properties: v.record(v.string(), v.unknown()) })

/** What serverless.yml says of a table. */
export async function tableProperties(logicalId: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(join(serviceDir, 'serverless.yml'), 'utf8')
  // Tags such as !Ref are CloudFormation's; none of them is in a table.
  const { Resources } = v.parse(serverlessYml, parse(text, { logLevel: 'silent' })).resources
  return v.parse(table, Resources[logicalId]).Properties
}
