import { type SubmitEvent, type KeyboardEvent, useEffect, useState } from 'react'

/** The text of a withdrawn message. An object, so that withdrawing the same text twice is noticed. */
export interface TakenBack {
  readonly text: string
  readonly occasion: number
}

interface ComposerProps {
  readonly takenBack: TakenBack
  readonly name: string
  readonly onName: (name: string) => void
  /** Called when the text has changed and is not empty. */
  readonly onWriting: () => void
  readonly onSend: (text: string) => void
}

/** In characters. The service allows 256 bytes. */
const longestName = 40

const inputMethodKeyCode = 229

const fieldId = 'message'

/** Call when a button that has the focus disappears: the focus would fall to the start of the page. */
export function focusComposer(): void {
  document.getElementById(fieldId)?.focus()
}

/** The input for messages. Enter sends, Shift+Enter breaks the line; the focus always stays in the field. */
export function Composer({ takenBack, name, onName, onWriting, onSend }: ComposerProps) {
  const [text, setText] = useState('')
  const [occasion, setOccasion] = useState(takenBack.occasion)
  useEffect(focusComposer, [occasion])

  if (occasion !== takenBack.occasion) {
    setOccasion(takenBack.occasion)
    setText(text === '' ? takenBack.text : `${takenBack.text}\n${text}`)
  }

  function send(event?: SubmitEvent): void {
    event?.preventDefault()
    focusComposer()
    if (text.trim() === '') return
    onSend(text.trim())
    setText('')
  }

  function sendOnEnter(event: KeyboardEvent): void {
    // Enter also confirms the text of an input method. Safari reports that composition has ended by then, but sets this
    // key code (WebKit 165004).
    // oxlint-disable-next-line typescript/no-deprecated -- in Safari only keyCode reveals an input method
    const { isComposing, keyCode } = event.nativeEvent
    if (event.key !== 'Enter' || event.shiftKey || isComposing || keyCode === inputMethodKeyCode) return
    event.preventDefault()
    send()
  }

  return (
    <form className="composer" onSubmit={send}>
      <div className="composer-box">
        <label htmlFor={fieldId} className="unseen">
          Message
        </label>
        <textarea
          id={fieldId}
          dir="auto"
          rows={Math.min(text.split('\n').length, 6)}
          placeholder="Write a message"
          aria-describedby="composer-keys"
          value={text}
          onChange={({ target }) => {
            setText(target.value)
            if (target.value.trim() !== '') onWriting()
          }}
          onKeyDown={sendOnEnter}
        />
        <button type="submit">Send</button>
      </div>
      <div className="composer-notes">
        <label>
          Your name{' '}
          <input
            className="name"
            dir="auto"
            placeholder="Anonymous"
            autoComplete="nickname"
            maxLength={longestName}
            value={name}
            onChange={({ target }) => {
              onName(target.value)
            }}
          />
        </label>
        <span id="composer-keys" className="keys">
          <kbd>Enter</kbd> sends, <kbd>Shift</kbd>+<kbd>Enter</kbd> breaks the line
        </span>
      </div>
    </form>
  )
}
