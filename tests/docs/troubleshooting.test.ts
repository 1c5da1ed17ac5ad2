import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { serviceDir } from '../../local/offline-command'

const columns = ['symptom', 'where to look', 'cure']

let rows: readonly (readonly string[])[]
let sources: string
beforeAll(async () => {
  const page = await readFile(join(serviceDir, 'docs/how-to/troubleshoot.md'), 'utf8')
  const lines = page.split('\n').filter((line) => line.startsWith('|'))
  rows = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  sources = (await Promise.all(['lib', 'schema', 'translation'].map(textOf))).join('\n')
})

async function textOf(folder: string): Promise<string> {
  const entries = await readdir(join(serviceDir, folder), { recursive: true })
  const files = entries.filter((entry) => entry.endsWith('.ts'))
  return (await Promise.all(files.map((file) => readFile(join(serviceDir, folder, file), 'utf8')))).join('\n')
}

describe('the troubleshooting table', () => {
  it('names a place to look and a cure for each symptom', () => {
    const [head, , ...symptoms] = rows
    expect(head).toEqual(columns)
    expect(symptoms.length).toBeGreaterThan(10)
    for (const [symptom, place, cure] of symptoms) for (const cell of [symptom, place, cure]) expect(cell).toBeTruthy()
  })

  it('quotes log messages exactly as the code writes them', () => {
    const quoted = rows.flat().flatMap((cell) => [...cell.matchAll(/`([A-Z][a-z]* [^`]*\.)`/g)].map(([, text]) => text))
    expect(quoted.length).toBeGreaterThan(5)
    for (const text of quoted) expect(sources).toContain(text)
  })
})
