import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { buildFunctions, functionNames, outDir } from '../../bench/build'

it('builds each function as it is deployed', async () => {
  await buildFunctions()
  const files = await readdir(join(outDir, 'functions'))
  expect(files).toEqual(expect.arrayContaining(functionNames.map((name) => `${name}.js`)))
})
