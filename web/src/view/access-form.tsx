import type { ConnectionStatus } from '../connection/connection'
import { Credentials, type CredentialsProps } from './credentials'

interface AccessFormProps extends CredentialsProps {
  readonly status: Extract<ConnectionStatus, { readonly state: 'refused' | 'waiting' }>
}

/** Says why the service lets nobody in, and what opens it. */
export function AccessForm({ status, ...credentials }: AccessFormProps) {
  return (
    <section className="notice" aria-label="Access">
      <p role="alert">
        <strong>{headline(status, credentials.authToken)}</strong>
        {status.state === 'refused' && status.reason !== '' && (
          <span className="service-words"> The service says: {status.reason}</span>
        )}
      </p>
      <Credentials {...credentials} />
    </section>
  )
}

function headline(status: AccessFormProps['status'], authToken: string): string {
  if (status.state === 'waiting') {
    return 'The service ends every connection, and does not say why. If it needs a token, enter one.'
  }
  const { problem } = status
  if (problem === 'expired') return 'Your token has run out. Enter a new one to go on.'
  if (problem === undefined) return 'The service ended the connection.'
  return authToken === '' ? 'This chat needs a token. Enter yours to come in.' : 'Your token was refused.'
}
