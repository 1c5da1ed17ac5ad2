'use strict'

/**
 * What is missing before a stage may be packaged, as a sentence for whoever packages it; undefined if nothing is. A stage that
 * lets anyone in by mistake must not come about by leaving a setting out.
 *
 * @param {{ access: unknown, tokenIssuer: unknown, tokenAudience: unknown }} settings `custom.access` of serverless.yml
 * @param {string} stage
 * @returns {string | undefined}
 */
exports.missingAccess = function missingAccess({ access, tokenIssuer, tokenAudience }, stage) {
  if (access === 'open') return undefined
  if (access !== 'tokens')
    return `The param "access" of stage "${stage}" is "${access}": it must be "tokens" or "open".`
  if (!tokenIssuer) {
    return (
      `Stage "${stage}" is closed, but nothing says whose tokens open it. Set the param "tokenIssuer" in serverless.yml, or ` +
      'TOKEN_ISSUER in the environment, to the URL of an OpenID Connect issuer. To let anyone in, set the param "access" to "open".'
    )
  }
  if (!tokenAudience) {
    return (
      `Stage "${stage}" takes the tokens of ${tokenIssuer}, but nothing says which of them are meant for it. Set the param ` +
      '"tokenAudience" in serverless.yml, or TOKEN_AUDIENCE in the environment, to the audience (`aud`, or the client id of Cognito).'
    )
  }
  return undefined
}
