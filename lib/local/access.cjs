'use strict'

/**
 * Checks that the access of a stage is configured, because a forgotten setting must never open a stage to everyone.
 * Returns a message for the user; undefined if nothing is missing.
 *
 * @param {{ ACCESS?: unknown, TOKEN_ISSUER?: unknown, TOKEN_AUDIENCE?: unknown }} environment of every function
 * @param {string} stage
 * @returns {string | undefined}
 */
exports.missingAccess = function missingAccess({ ACCESS, TOKEN_ISSUER, TOKEN_AUDIENCE }, stage) {
  if (ACCESS !== 'tokens' && ACCESS !== 'open')
    return `Expected the param "access" of stage "${stage}" to be "tokens" or "open", got "${ACCESS}".`
  if (ACCESS === 'tokens' && !TOKEN_ISSUER) {
    return (
      `Stage "${stage}" is closed, but no issuer of tokens is configured. Set the param "tokenIssuer" in serverless.yml, or ` +
      'TOKEN_ISSUER in the environment, to the URL of an OpenID Connect issuer. To let anyone in, set the param "access" to "open".'
    )
  }
  if (TOKEN_ISSUER && !TOKEN_AUDIENCE) {
    return (
      `Stage "${stage}" accepts tokens of ${TOKEN_ISSUER}, but no audience is configured. Set the param "tokenAudience" in ` +
      'serverless.yml, or TOKEN_AUDIENCE in the environment, to the audience of its tokens (`aud`, or the client id of Cognito).'
    )
  }
  return undefined
}
