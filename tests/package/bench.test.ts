import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { buildFunctions, functionNames, outDir } from '../../bench/build'

it('the bench builds a bundle for each function', async () => {
  await buildFunctions()
  const files = await readdir(join(outDir, 'functions'))
  expect(files).toEqual(expect.arrayContaining(functionNames.map((name) => `${name}.js`)))
})
