'use strict'

const { rmSync } = require('node:fs')
const { join } = require('node:path')
const process = require('node:process')
const { missingAccess } = require('./access.cjs')
const { wrongChoice } = require('./choices.cjs')
const { tooLongStage } = require('./function-names.cjs')
const { missingLogRole } = require('./log-role.cjs')

/**
 * Serverless loads plugins as JavaScript. This one stays small because it is loaded by every command: what it needs to
 * start the stand-ins for AWS (TypeScript, dynalite, the AWS SDK) is loaded only when `sls offline` starts.
 */
module.exports = class LocalAws {
  constructor(serverless, options) {
    useOwnBuildFolder(serverless)
    if (serverless.processedInput.commands[0] === 'offline') {
      const { localAws } = require('tsx/cjs/api').require('./plugin.ts', module.filename)
      this.hooks = localAws(serverless, options)
    } else {
      this.hooks = {
        'before:package:cleanup': () => refuseWhatCannotBeDeployed(serverless),
        'after:deploy:function:initialize': () => keepRole(serverless, options),
        // The next deployment compares its state with this one, and is skipped if nothing has changed.
        'before:aws:package:finalize:saveServiceState': () => {
          delete serverless.service.custom.esbuild.outputWorkFolder
        },
      }
    }
  }
}

/**
 * Two services in one folder, or a service and `sls package`, would build into the same place, and packaging deletes `.esbuild` with
 * all that is in it. Below node_modules no watcher, linter or test runner looks for sources.
 */
function useOwnBuildFolder({ serviceDir, service }) {
  const folder = join('node_modules', '.cache', 'local-service', String(process.pid))
  service.custom.esbuild.outputWorkFolder = folder
  process.on('exit', () => rmSync(join(serviceDir, folder), { recursive: true, force: true }))
}

/** A deployment packages first, so this comes before either does anything. */
async function refuseWhatCannotBeDeployed(serverless) {
  const { functions, provider, resources } = serverless.service
  const aws = serverless.getProvider('aws')
  const stage = aws.getStage()
  const missing = missingAccess(provider.environment, stage)
  if (missing) throw new serverless.classes.Error(missing, 'ACCESS_NOT_CLEAR')
  const wrong = wrongChoice(resources)
  if (wrong) throw new serverless.classes.Error(wrong, 'WRONG_PARAM')
  const tooLong = tooLongStage(functions, stage)
  if (tooLong) throw new serverless.classes.Error(tooLong, 'STAGE_NAME_TOO_LONG')
  const isDeployed = serverless.processedInput.commands[0] === 'deploy'
  if (!isDeployed || !provider.logs.websocket.accessLogging) return
  const noRole = await missingLogRole(await aws.getAwsSdkV3Config(), aws.getRegion())
  if (noRole) throw new serverless.classes.Error(noRole, 'NO_ROLE_FOR_ACCESS_LOGS')
}

/** `sls deploy function` looks for a role that is called as its logical id, in vain. The deployed function knows its role. */
function keepRole({ service }, options) {
  service.getFunction(options.function).role = service.provider.remoteFunctionData.Configuration.Role
}
