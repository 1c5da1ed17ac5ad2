'use strict'

const dashboard = require('./dashboard.cjs')

module.exports = dashboard({
  applicationFunctions: ['TranslateFr', 'TranslateDe', 'TranslationFailed'],
  outcomes: ['Untranslated'],
})
