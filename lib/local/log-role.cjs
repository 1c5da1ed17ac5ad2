'use strict'

const { createRequire } = require('node:module')
const { join, relative } = require('node:path')
const process = require('node:process')

const template = join(module.path, '../serverless/account/api-gateway-logs.yml')

/**
 * Checks that API Gateway can write the access log of a WebSocket API. Returns a message for the user; undefined if it
 * can, or if that cannot be determined, for example because of missing permissions. API Gateway needs a role that
 * belongs to the account, not to a stage ("Set up CloudWatch logging for REST APIs", which applies to WebSocket APIs).
 * Without this check, CloudFormation would create everything else first, and then roll it back.
 *
 * @param {object} config of an AWS SDK client
 * @param {string} region
 * @returns {Promise<string | undefined>}
 */
exports.missingLogRole = async function missingLogRole(config, region) {
  try {
    // the SDK that Serverless deploys with
    const sdk = createRequire(require.resolve('serverless'))('@aws-sdk/client-api-gateway')
    const { cloudwatchRoleArn } = await new sdk.APIGatewayClient(config).send(new sdk.GetAccountCommand({}))
    if (cloudwatchRoleArn) return undefined
  } catch {
    return undefined
  }
  return (
    `API Gateway has no role for writing access logs in ${region}. Create one, once for this account and region:\n\n` +
    `  aws cloudformation deploy --region ${region} --stack-name api-gateway-logs \\\n` +
    `    --template-file ${relative(process.cwd(), template)} --capabilities CAPABILITY_IAM\n\n` +
    'Or set the param "webSocketAccessLogs" to false.'
  )
}
