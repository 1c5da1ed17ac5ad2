import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from '@jest/globals'
import { build } from 'esbuild'
import { serviceDir } from '../../local/offline-command'

const maxBytes = 4_096

async function bundle(code: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: join(serviceDir, 'lib'), loader: 'js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  return { text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) }
}

it('the client is at most 4 KB minified and compressed, and has no dependencies', async () => {
  const { text, inputs } = await bundle(
    "import { createConnection } from './client'; globalThis.connection = createConnection()",
  )
  const bytes = gzipSync(text, { level: 9 }).length
  expect(bytes).toBeGreaterThan(1_000)
  expect(bytes).toBeLessThanOrEqual(maxBytes)
  expect(inputs.filter((path) => path !== '<stdin>' && !path.startsWith('lib/client/'))).toEqual([])
})

it('the client adds nothing to the bundle of an application that does not use it', async () => {
  expect((await bundle("import { createConnection } from './client'")).text).toBe('')
})
