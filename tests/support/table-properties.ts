import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { serviceDir } from '../../local/offline-command'

const Tables = v.object({
  Resources: v.record(v.string(), v.object({ Properties: v.record(v.string(), v.unknown()) })),
})

/** Reads a table's properties from lib/serverless/tables.yml. Rejects if there is no such table. */
export async function tableProperties(logicalId: string): Promise<Readonly<Record<string, unknown>>> {
  const { Resources } = v.parse(Tables, parse(await readFile(join(serviceDir, 'lib/serverless/tables.yml'), 'utf8')))
  const table = Resources[logicalId]
  if (!table) throw new Error(`lib/serverless/tables.yml has no ${logicalId}.`)
  return table.Properties
}
