'use strict'

/** Refuses to package the chat for a region where nothing could be translated. A deployment packages first. */
module.exports = class Chat {
  constructor(serverless) {
    this.hooks = {
      'before:package:cleanup': () => {
        const { untranslatable } = require('tsx/cjs/api').require('../translation/regions.ts', module.filename)
        const { translateRegion, sourceLanguage } = serverless.service.custom.chat
        const region = serverless.getProvider('aws').getRegion()
        const sentence = untranslatable({ region, translateRegion, sourceLanguage })
        if (sentence) throw new serverless.classes.Error(sentence, 'TRANSLATE_NOT_AVAILABLE')
      },
    }
  }
}
