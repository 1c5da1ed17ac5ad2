'use strict'

/** The chat's own part of the local service, loaded when `sls offline` starts and no sooner. */
module.exports = class LocalChat {
  constructor(serverless) {
    if (serverless.processedInput.commands[0] !== 'offline') return
    this.hooks = require('tsx/cjs/api').require('./plugin.ts', module.filename).localChat(serverless)
  }
}
