import { type SubmitEvent, useId } from 'react'

interface TokenFieldProps {
  readonly authToken: string
  readonly onToken: (token: string) => void
}

/** Connects with a token, or without one if the field is empty. */
export function TokenField({ authToken, onToken }: TokenFieldProps) {
  const id = useId()

  function connect(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token')
    if (typeof token === 'string') onToken(token.trim())
  }

  return (
    <form className="token" onSubmit={connect}>
      <label htmlFor={id}>Access token</label>
      <div className="line">
        <input id={id} name="token" type="password" autoComplete="off" spellCheck={false} defaultValue={authToken} />
        <button type="submit">Connect</button>
      </div>
    </form>
  )
}
