'use strict'

const { allow, invoke, policies, publishTo, roles, sendTo } = require('../lib/serverless/grants.cjs')

const translator = {
  calls: [
    // neither has resource-level permissions
    allow(['translate:TranslateText', 'comprehend:DetectDominantLanguage'], '*'),
    publishTo('MessagesTopic'),
  ],
  destinations: [invoke('TranslationFailed')],
}

const { Resources: chatRoles } = roles({
  translateFr: translator,
  translateDe: translator,
  translationFailed: { calls: [publishTo('MessagesTopic')], destinations: [sendTo('FailedEvents')] },
})

/** Allows mutations to send messages to the translators. */
const { Resources: chatPolicies } = policies({
  RequestTranslationsPolicy: { functions: ['default', 'graphql'], calls: [publishTo('RequestsTopic')] },
})

module.exports = { Resources: { ...chatRoles, ...chatPolicies } }
