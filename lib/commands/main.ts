#!/usr/bin/env node
import { resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { messageOf } from '../errors'

const usage = `Usage: serverless-graphql-subscriptions new <folder>
       serverless-graphql-subscriptions failed <queue url> [--send-again]

new     Writes a GraphQL API with a subscription into a folder: schema, handlers, serverless.yml and a test. The folder
        must be empty or not exist yet; its name becomes the name of the service.
failed  Lists the events in a stage's queue of failed events, with the function and the reason. --send-again sends each
        to its function once more. The queue url is the output FailedEventsUrl (npx sls info --stage … --verbose). It
        uses the AWS credentials and the region of the shell.`

/** Each command loads only what it needs: `new` has no use for the AWS SDK. */
async function main(): Promise<void> {
  const { command, target, sendAgain } = read()
  switch (command) {
    case 'new': {
      const { writeService } = await import('./new')
      const name = writeService(resolve(target))
      console.log(`Wrote ${name}. Start it:\n\n  cd ${target}\n  npm install\n  npm start`)
      return
    }
    case 'failed': {
      const { failed } = await import('./failed')
      if (!(await failed(target, { sendAgain }))) process.exitCode = 1
    }
  }
}

/** The command line. Throws an Error with the usage if it is none of the two commands. */
function read() {
  const { positionals, values } = parseArguments()
  const [command, target, ...more] = positionals
  const sendAgain = values['send-again'] ?? false
  const isKnown = command === 'failed' || (command === 'new' && !sendAgain)
  if (!isKnown || target === undefined || more.length > 0) throw new Error(usage)
  return { command, target, sendAgain }
}

function parseArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { 'send-again': { type: 'boolean' } } })
  } catch (error) {
    throw new Error(`${messageOf(error)}\n\n${usage}`, { cause: error })
  }
}

main().catch((error: unknown) => {
  console.error(messageOf(error))
  process.exitCode = 1
})
