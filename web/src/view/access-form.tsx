import type { ConnectionStatus } from '../connection/connection'
import { TokenField } from './token-field'

interface AccessFormProps {
  readonly status: Extract<ConnectionStatus, { readonly state: 'refused' }>
  readonly authToken: string
  readonly onToken: (token: string) => void
}

/** Says why the service lets nobody in, and what opens it. */
export function AccessForm({ status, authToken, onToken }: AccessFormProps) {
  return (
    <section className="notice" aria-label="Access">
      <p role="alert">
        <strong>{headline(status, authToken)}</strong>
        {status.reason !== '' && <span className="service-words"> The service says: {status.reason}</span>}
      </p>
      <TokenField authToken={authToken} onToken={onToken} />
    </section>
  )
}

function headline({ problem }: AccessFormProps['status'], authToken: string): string {
  if (problem === 'expired') return 'Your token has run out. Enter a new one to go on.'
  if (problem === undefined) return 'The service ended the connection.'
  return authToken === '' ? 'This chat needs a token. Enter yours to come in.' : 'Your token was refused.'
}
