'use strict'

const dashboard = require('../lib/serverless/dashboard.cjs')

module.exports = dashboard({
  applicationFunctions: ['TranslateFr', 'TranslateDe', 'TranslationFailed'],
  outcomes: ['Untranslated'],
})
