import type { Brand } from 'valibot'

/** Why a client is not let in. It reveals nothing of the token. */
export type Reason = string & Brand<'Reason'>

/** In characters; a UUID has 36. */
export const longestClientId = 128

/**
 * Every reason for which a client is not let in, so that "Refusals" in docs/how-to/authorise.md can explain each. This
 * file does not load graphql, because `connect` uses it.
 */
export const reasons = {
  noIssuer: reason('This stage does not accept tokens: no issuer is configured.'),
  wrongIssuer: (issuer: string) =>
    reason(`The claim "iss" of the token is wrong: this stage accepts tokens of ${issuer}.`),
  wrongAudience: (audience: string) =>
    reason(`The claim "aud" of the token is wrong: this stage accepts tokens for ${audience}.`),
  wrongClaim: (claim: string) => reason(`The claim "${claim}" of the token is wrong.`),
  wrongTypes: reason('Expected the token to have a string "sub" and a number "exp".'),
  expired: reason('The token has expired.'),
  notOfIssuer: reason('The token is not a valid token of this issuer.'),
  tokenRequired: reason(
    'A token is required: send it with connection_init or $connect, or as the bearer token of an HTTP request.',
  ),
  tokenRequiredAtInit: reason('A token is required: send it as "authToken" of the connection parameters.'),
  otherUser: reason('This connection belongs to another user: connect again to change the user.'),
  invalidClientId: reason(
    `"clientId" of the connection parameters must be a string of 1 to ${longestClientId} characters.`,
  ),
  /** Not a refusal: the issuer's keys cannot be fetched. */
  unchecked: reason('Tokens cannot be checked at the moment: try again in a few seconds.'),
}

function reason(text: string): Reason {
  return text as Reason
}
