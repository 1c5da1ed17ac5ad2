'use strict'

const { allow, invoke, publishTo, roles, sendTo } = require('./grants.cjs')

const translator = {
  calls: [
    allow(['translate:TranslateText', 'comprehend:DetectDominantLanguage'], '*'), // neither has resources to name
    publishTo('MessagesTopic'),
  ],
  destinations: [invoke('TranslationFailed')],
}

module.exports = roles({
  translateFr: translator,
  translateDe: translator,
  translationFailed: { calls: [publishTo('MessagesTopic')], destinations: [sendTo('FailedEvents')] },
})
