'use strict'

const { existsSync } = require('node:fs')
const { dirname, join } = require('node:path')

const folder = dirname(module.filename)

/** The repository runs the sources; the published package contains them compiled. */
const sources = existsSync(join(folder, 'plugin.ts'))
exports.sources = sources

/** How functions are bundled: `custom.esbuild`. What an application's serverless.yml says there takes precedence. */
exports.bundling = {
  bundle: true,
  minify: true,
  sourcemap: 'linked',
  sourcesContent: false, // a stack trace needs only names and lines
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'], // the ES modules of graphql and the AWS SDK: half the size, half the load time
  exclude: [], // Lambda's own AWS SDK is neither pinned nor faster to load
  // A change terminates every function that serverless-offline runs, in the middle of its work.
  watch: { ignore: ['**/node_modules/**', '**/dist/**', '.serverless/**', 'tests/**', 'web/**'] },
  // Puts names and lines of the sources into the stack traces of each function.
  inject: [join(folder, sources ? '../observability/mapped-stacks.ts' : '../dist/observability/mapped-stacks.js')],
}
