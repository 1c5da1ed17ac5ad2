#!/usr/bin/env node
import { resolve } from 'node:path'
import process from 'node:process'
import { writeService } from './new'

const usage = `Usage: serverless-graphql-subscriptions new <folder>

Writes a GraphQL API with a subscription into a folder: schema, handlers, serverless.yml and a test. The folder must be
empty or not exist yet; its name becomes the name of the service.`

try {
  const [command, folder, ...more] = process.argv.slice(2)
  if (command !== 'new' || folder === undefined || more.length > 0) throw new Error(usage)
  const name = writeService(resolve(folder))
  console.log(`Wrote ${name}. Start it:\n\n  cd ${folder}\n  npm install\n  npm start`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
