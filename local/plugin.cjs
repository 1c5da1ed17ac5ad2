'use strict'

/**
 * The chat's extension of Serverless commands: Amazon Translate on a laptop, and a check that a stage has it on AWS.
 */
module.exports = class Chat {
  constructor(serverless) {
    const isLocal = serverless.processedInput.commands[0] === 'offline'
    this.hooks = isLocal
      ? load('./plugin.ts').localChat(serverless)
      : { 'before:package:cleanup': () => refuseWhatCannotTranslate(serverless) }
  }
}

/** Loads TypeScript, only for the commands that need it. */
function load(file) {
  return require('tsx/cjs/api').require(file, module.filename)
}

/** Runs before packaging, and so before a deployment. */
function refuseWhatCannotTranslate(serverless) {
  const { translateRegion, sourceLanguage } = serverless.service.custom.chat
  const region = serverless.getProvider('aws').getRegion()
  const sentence = load('../translation/regions.ts').untranslatable({ region, translateRegion, sourceLanguage })
  if (sentence) throw new serverless.classes.Error(sentence, 'TRANSLATE_NOT_AVAILABLE')
}
