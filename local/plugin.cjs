'use strict'

/**
 * Serverless loads plugins as JavaScript. This one stays small because it is loaded by every command: what it needs to
 * start the stand-ins for AWS (TypeScript, dynalite, the AWS SDK) is loaded only when `sls offline` starts.
 */
module.exports = class LocalAws {
  constructor(serverless, options) {
    const command = serverless.processedInput.commands[0]
    if (command !== 'offline') return
    const { localAws } = require('tsx/cjs/api').require('./plugin.ts', module.filename)
    this.hooks = localAws(serverless, options)
  }
}
