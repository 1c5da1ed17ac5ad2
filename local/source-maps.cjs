'use strict'

const { Buffer } = require('node:buffer')
const { readFile } = require('node:fs/promises')

/** A source map that maps the first character and nothing else; esbuild takes no empty one. */
const map = Buffer.from(JSON.stringify({ version: 3, sources: ['package'], names: [], mappings: 'AAAA' }))
const emptyMap = `\n//# sourceMappingURL=data:application/json;base64,${map.toString('base64')}\n`

/**
 * A plugin for esbuild that leaves packages out of the source maps. Node reads the map of a bundle when it loads the bundle, and four
 * fifths of it would be of the AWS SDK and of graphql, in which nobody looks for a line of theirs.
 */
const ownSourceMapsOnly = {
  name: 'own-source-maps-only',
  setup(build) {
    build.onLoad({ filter: /[/\\]node_modules[/\\].*\.[cm]?js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      return { contents: source.replaceAll(/^\/\/# sourceMappingURL=.*$/gm, '') + emptyMap, loader: 'js' }
    })
  },
}

module.exports = [ownSourceMapsOnly]
