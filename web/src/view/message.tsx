import { type CSSProperties, memo } from 'react'
import type { ChatMessage, Delivery } from '../conversation/conversation'
import { languageName } from '../languages'
import { focusComposer } from './composer'

export interface MessageActions {
  readonly onSendAgain: (key: string) => void
  readonly onTakeBack: (key: string) => void
}

interface MessageProps extends MessageActions {
  readonly message: ChatMessage
  /** Whether it continues the previous message: the same author, within a few minutes. */
  readonly continues: boolean
  readonly languages: readonly string[]
}

/** One message with its translations, rendered as text, never as HTML. */
export const Message = memo(function Message({ message, continues, languages, ...actions }: MessageProps) {
  const { key, author, at, text, language, delivery, mine } = message
  const translations = languages
    .filter((wanted) => wanted !== language)
    .flatMap((wanted) => message.translations.filter((translation) => translation.language === wanted))
  return (
    <li className="message" data-continues={continues} data-mine={mine} data-delivery={delivery.state}>
      <span className={continues ? 'author unseen' : 'author'} style={hueOf(author)} dir="auto">
        {author === '' ? 'Anonymous' : author}
      </span>
      <time className="time" dateTime={at}>
        {timeOf(at)}
      </time>
      <p className="text" lang={language} dir="auto">
        {text}
      </p>
      {translations.length > 0 && (
        <ul className="translations">
          {translations.map((translation) => (
            <li key={translation.language}>
              <span className="language">{languageName(translation.language)}</span>
              <p lang={translation.language} dir="auto">
                {translation.text}
              </p>
            </li>
          ))}
        </ul>
      )}
      <DeliveryNote messageKey={key} delivery={delivery} {...actions} />
    </li>
  )
})

interface DeliveryNoteProps extends MessageActions {
  readonly messageKey: string
  readonly delivery: Delivery
}

function DeliveryNote({ messageKey, delivery, onSendAgain, onTakeBack }: DeliveryNoteProps) {
  const sendAgain = (
    <button
      type="button"
      className="quiet"
      onClick={() => {
        onSendAgain(messageKey)
        focusComposer()
      }}
    >
      Send again
    </button>
  )
  const takeBack = (
    <button
      type="button"
      className="quiet"
      onClick={() => {
        onTakeBack(messageKey)
      }}
    >
      Take back
    </button>
  )
  switch (delivery.state) {
    case 'sent':
      return null
    case 'sending':
      return <p className="delivery">Sending</p>
    case 'queued':
      return <p className="delivery">Waiting to be sent {takeBack}</p>
    case 'unconfirmed':
      return (
        <p className="delivery" data-tone="warning">
          The connection broke before the service confirmed this: it may or may not have arrived. {sendAgain} {takeBack}
        </p>
      )
    case 'refused':
      return (
        <p className="delivery" data-tone="problem">
          Not sent. The service says: {delivery.reason} {sendAgain} {takeBack}
        </p>
      )
  }
}

interface HueStyle extends CSSProperties {
  readonly '--hue': number
}

/** Derives a colour from a name: the same on every page. */
function hueOf(author: string): HueStyle {
  let hash = 0
  for (const character of author) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360
  return { '--hue': (hash * 47) % 360 }
}

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

function timeOf(at: string): string {
  return timeFormat.format(new Date(at))
}
