'use strict'

const { rmSync } = require('node:fs')
const { join } = require('node:path')
const process = require('node:process')
const { missingAccess } = require('./access.cjs')
const { bundling, sources } = require('./bundling.cjs')
const { tooLongStage } = require('./function-names.cjs')
const { missingLogRole } = require('./log-role.cjs')
const { wrongParam } = require('./params.cjs')

/**
 * The Serverless plugin of the core. It sets how functions are built, refuses to package an invalid configuration, and
 * runs stand-ins for AWS beside serverless-offline.
 *
 * Every command loads it, so it is small: the code for the stand-ins is loaded only by `sls offline`.
 */
module.exports = class GraphqlSubscriptions {
  constructor(serverless, options) {
    // After it has loaded its plugins, Serverless assigns the one to the other again.
    const custom = (serverless.configurationInput.custom ??= {})
    serverless.service.custom = Object.assign(custom, withDefaults(custom))
    useOwnBuildFolder(serverless)
    if (serverless.processedInput.commands[0] === 'offline') {
      this.hooks = loadLocal(serverless.classes.Error).localAws(serverless, options)
    } else {
      this.hooks = {
        'before:package:cleanup': () => refuseWhatCannotBeDeployed(serverless),
        'after:deploy:function:initialize': () => keepRole(serverless, options),
        // The next deployment compares its state with this one, and is skipped if nothing has changed.
        'before:aws:package:finalize:saveServiceState': () => {
          delete serverless.service.custom.esbuild.outputWorkFolder
          delete serverless.service.custom.esbuild.inject
        },
      }
    }
  }
}

function loadLocal(ServerlessError) {
  try {
    require.resolve('dynalite')
  } catch {
    throw new ServerlessError(
      'The local service needs dynalite, which stands in for DynamoDB: run npm install --save-dev dynalite.',
      'DYNALITE_MISSING',
    )
  }
  return sources ? require('tsx/cjs/api').require('./plugin.ts', module.filename) : require('../dist/local/plugin.cjs')
}

/** The `custom` section of serverless.yml, whose own values take precedence. */
function withDefaults({ esbuild = {}, 'serverless-offline': offline = {}, local = {} }) {
  const { HTTP_PORT, WEBSOCKET_PORT, LAMBDA_PORT, DYNAMODB_PORT, SNS_PORT, TOKEN_ISSUER_PORT } = process.env
  return {
    esbuild: { ...bundling, ...esbuild, inject: [...bundling.inject, ...(esbuild.inject ?? [])] },
    'serverless-offline': {
      httpPort: HTTP_PORT ?? '3000',
      websocketPort: WEBSOCKET_PORT ?? '3001',
      lambdaPort: LAMBDA_PORT ?? '3002',
      noPrependStageInUrl: true,
      ...offline,
    },
    local: {
      dynamodbPort: DYNAMODB_PORT ?? '8000',
      snsPort: SNS_PORT ?? '4002',
      tokenIssuerPort: TOKEN_ISSUER_PORT ?? '4004',
      ...local,
    },
  }
}

/**
 * A build folder for each process. Otherwise two services in one folder, or a service and `sls package`, would build
 * into the same place, and packaging deletes `.esbuild` with its contents. Watchers, linters and test runners ignore
 * node_modules.
 */
function useOwnBuildFolder({ serviceDir, service }) {
  const folder = join('node_modules', '.cache', 'local-service', String(process.pid))
  service.custom.esbuild.outputWorkFolder = folder
  process.on('exit', () => rmSync(join(serviceDir, folder), { recursive: true, force: true }))
}

/** Runs before packaging, and so before a deployment. */
async function refuseWhatCannotBeDeployed(serverless) {
  const { functions, provider } = serverless.service
  const aws = serverless.getProvider('aws')
  const stage = aws.getStage()
  const missing = missingAccess(provider.environment, stage)
  if (missing) throw new serverless.classes.Error(missing, 'ACCESS_NOT_CLEAR')
  const wrong = wrongParam(serverless.service)
  if (wrong) throw new serverless.classes.Error(wrong, 'WRONG_PARAM')
  const tooLong = tooLongStage(functions, stage)
  if (tooLong) throw new serverless.classes.Error(tooLong, 'STAGE_NAME_TOO_LONG')
  const isDeployed = serverless.processedInput.commands[0] === 'deploy'
  if (!isDeployed || !provider.logs?.websocket?.accessLogging) return
  const noRole = await missingLogRole(await aws.getAwsSdkV3Config(), aws.getRegion())
  if (noRole) throw new serverless.classes.Error(noRole, 'NO_ROLE_FOR_ACCESS_LOGS')
}

/**
 * `sls deploy function` looks for a role named like its logical id, which does not exist. The deployed function knows
 * its role.
 */
function keepRole({ service }, options) {
  service.getFunction(options.function).role = service.provider.remoteFunctionData.Configuration.Role
}
