'use strict'

const { createRequire } = require('node:module')
const { join, relative } = require('node:path')
const process = require('node:process')

const template = join(module.path, '../serverless/account/api-gateway-logs.yml')

/**
 * Why API Gateway could not write the access log of a WebSocket API, as a sentence for the person who deploys it; undefined if it can. It needs
 * a role that belongs to the account and not to a stage ("Set up CloudWatch logging for REST APIs", which holds for WebSocket APIs):
 * without it, CloudFormation would create all else first, and then delete it again.
 *
 * Undefined also if nobody can say, for example because the person may not look.
 *
 * @param {object} config of a client of the AWS SDK
 * @param {string} region
 * @returns {Promise<string | undefined>}
 */
exports.missingLogRole = async function missingLogRole(config, region) {
  try {
    // The SDK that Serverless deploys with.
    const sdk = createRequire(require.resolve('serverless'))('@aws-sdk/client-api-gateway')
    const { cloudwatchRoleArn } = await new sdk.APIGatewayClient(config).send(new sdk.GetAccountCommand({}))
    if (cloudwatchRoleArn) return undefined
  } catch {
    return undefined
  }
  return (
    `API Gateway has no role in ${region} with which it could write access logs. Give it one, once for this account and region:\n\n` +
    `  aws cloudformation deploy --region ${region} --stack-name api-gateway-logs \\\n` +
    `    --template-file ${relative(process.cwd(), template)} --capabilities CAPABILITY_IAM\n\n` +
    'Or set the param "webSocketAccessLogs" to false.'
  )
}
