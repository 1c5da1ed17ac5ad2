import { hasExpired } from '../connection/access'
import { Credentials, type CredentialsProps } from './credentials'

interface AccessFormProps extends CredentialsProps {
  /** The reason that the service gave. */
  readonly reason: string
}

/** Shows why the service refused the connection, and the ways to get access. */
export function AccessForm({ reason, ...credentials }: AccessFormProps) {
  return (
    <section className="notice" aria-label="Access">
      <p role="alert">
        <strong>{headline(credentials.authToken)}</strong>
        {reason !== '' && <span className="service-words"> The service says: {reason}</span>}
      </p>
      <Credentials {...credentials} />
    </section>
  )
}

function headline(authToken: string): string {
  if (authToken === '') return 'This chat needs a token. Enter yours to come in.'
  return hasExpired(authToken) ? 'Your token has run out. Enter a new one to go on.' : 'Your token was refused.'
}
