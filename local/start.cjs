'use strict'

/**
 * `npm start`: says in a sentence what is missing, then runs start.ts. JavaScript, and old JavaScript, because it has to run
 * before anything is installed and on the Node that it refuses.
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
    return `This service needs Node ${oldestNode} or newer, and this is ${process.versions.node}.`
  }
  if (!existsSync(join(dirname(module.filename), '..', 'node_modules', 'serverless'))) {
    return 'The packages of this service are not installed yet: run npm ci first.'
  }
}

function isOlder(version, than) {
  return version.localeCompare(than, 'en', { numeric: true }) < 0
}
