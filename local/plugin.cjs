'use strict'

/** The chat's own part of Serverless' commands: Amazon Translate on a laptop, and whether a stage has it on AWS. */
module.exports = class Chat {
  constructor(serverless) {
    const isLocal = serverless.processedInput.commands[0] === 'offline'
    this.hooks = isLocal
      ? load('./plugin.ts').localChat(serverless)
      : { 'before:package:cleanup': () => refuseWhatCannotTranslate(serverless) }
  }
}

/** TypeScript, which no other command waits for. */
function load(file) {
  return require('tsx/cjs/api').require(file, module.filename)
}

/** A deployment packages first, so this comes before either does anything. */
function refuseWhatCannotTranslate(serverless) {
  const { translateRegion, sourceLanguage } = serverless.service.custom.chat
  const region = serverless.getProvider('aws').getRegion()
  const sentence = load('../translation/regions.ts').untranslatable({ region, translateRegion, sourceLanguage })
  if (sentence) throw new serverless.classes.Error(sentence, 'TRANSLATE_NOT_AVAILABLE')
}
