/**
 * Requests a token of a user from the local issuer, which requires no password. Rejects with an error whose message is
 * shown to the person who signs in.
 */
export type FetchToken = (user: string, groups: string) => Promise<string>

/** @param tokenUrl the token endpoint of the local issuer that `npm start` runs */
export function localTokens(tokenUrl: string): FetchToken {
  return async (user, groups) => {
    const query = new URLSearchParams({ sub: user, ...(groups !== '' && { groups }) })
    const response = await fetch(`${tokenUrl}?${query.toString()}`).catch(() => undefined)
    if (!response) throw new Error(`The local token issuer does not answer at ${tokenUrl}.`)
    const answer = await response.text()
    if (!response.ok) throw new Error(answer)
    return answer
  }
}
