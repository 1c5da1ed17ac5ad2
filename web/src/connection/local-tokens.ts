/**
 * Gets a token of a user from the local issuer, which asks for no password. Rejects with a sentence for the person who
 * signs in.
 */
export type FetchToken = (user: string, groups: string) => Promise<string>

/** @param tokenUrl where the local issuer of `npm start` answers tokens */
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
