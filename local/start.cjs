'use strict'

/**
 * `npm start`: reports what is missing, then runs start.ts. It is old-style JavaScript, because it must run before
 * anything is installed, and on versions of Node that it rejects.
 */
const { existsSync } = require('node:fs')
const { dirname, join } = require('node:path')
const process = require('node:process')
const console = require('node:console')

const oldestNode = '20.19.0'

const problem = findProblem()
if (problem) {
  console.error(problem)
  process.exit(1)
}
require('tsx/cjs/api').require('./start.ts', module.filename)

function findProblem() {
  if (isOlder(process.versions.node, oldestNode)) {
    return `This service requires Node ${oldestNode} or newer, got ${process.versions.node}.`
  }
  if (!existsSync(join(dirname(module.filename), '..', 'node_modules', 'serverless'))) {
    return 'The packages of this service are not installed: run npm ci first.'
  }
}

function isOlder(version, than) {
  return version.localeCompare(than, 'en', { numeric: true }) < 0
}
