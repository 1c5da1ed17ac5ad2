import { type SubmitEvent, useId, useState } from 'react'
import type { FetchToken } from '../connection/local-tokens'
import { wordsOf } from '../connection/words'

interface SignInProps {
  readonly fetchToken: FetchToken
  readonly onToken: (token: string) => void
}

/** Connects as any user, with a token of the local issuer. */
export function SignIn({ fetchToken, onToken }: SignInProps) {
  const id = useId()
  const [outcome, setOutcome] = useState<string>()

  function signIn(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const user = textOf(form, 'user')
    fetchToken(user, textOf(form, 'groups')).then(
      (token) => {
        setOutcome(`Signed in as ${user}.`)
        onToken(token)
      },
      (error: unknown) => {
        setOutcome(wordsOf(error))
      },
    )
  }

  return (
    <form className="token" onSubmit={signIn}>
      <label htmlFor={id}>Sign in as</label>
      <input id={id} name="user" placeholder="ann" autoComplete="off" spellCheck={false} required />
      <label htmlFor={`${id}groups`}>Groups</label>
      <div className="line">
        <input id={`${id}groups`} name="groups" placeholder="staff, finance" autoComplete="off" spellCheck={false} />
        <button type="submit">Sign in</button>
      </div>
      <span role="status">{outcome}</span>
    </form>
  )
}

function textOf(form: FormData, name: string): string {
  const text = form.get(name)
  return typeof text === 'string' ? text.trim() : ''
}
