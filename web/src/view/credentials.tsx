import type { FetchToken } from '../connection/local-tokens'
import { SignIn } from './sign-in'
import { TokenField } from './token-field'

export interface CredentialsProps {
  readonly authToken: string
  readonly onToken: (token: string) => void
  /** Undefined unless `npm start` serves the page with the local issuer. */
  readonly fetchToken: FetchToken | undefined
}

/** The ways to connect with a token. */
export function Credentials({ authToken, onToken, fetchToken }: CredentialsProps) {
  return (
    <>
      {fetchToken && <SignIn fetchToken={fetchToken} onToken={onToken} />}
      <TokenField authToken={authToken} onToken={onToken} />
    </>
  )
}
