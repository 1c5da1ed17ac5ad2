import { ApolloProvider } from '@apollo/client/react'
import { useCallback, useState, useSyncExternalStore } from 'react'
import type { Chat } from '../chat'
import type { FetchToken } from '../connection/local-tokens'
import { settings } from '../settings'
import { AccessForm } from './access-form'
import { Company } from './company'
import { Composer, focusComposer, type TakenBack } from './composer'
import { ConnectionState } from './connection-state'
import { Following } from './following'
import { LanguagePicker } from './language-picker'
import { Menu, MenuButton } from './menu'
import { ShareLink } from './share-link'
import { Transcript } from './transcript'
import { useRoom } from './use-room'

interface AppProps {
  readonly chat: Chat
  readonly fetchToken: FetchToken | undefined
}

/** The whole page: one room, and the menu of the others. */
export function App({ chat, fetchToken }: AppProps) {
  const { authToken, isIncomplete, refusals, conversations, ...state } = useSyncExternalStore(
    chat.subscribe,
    chat.state,
  )
  const { room, rooms } = useRoom()
  const refusal = refusals.get(room)
  const status = refusal === undefined ? state.status : { state: 'refused' as const, reason: refusal }
  const [name, setName] = useState(settings.name)
  const [languages, setLanguages] = useState(settings.languages)
  const [isSmall, setIsSmall] = useState(false)
  const [takenBack, setTakenBack] = useState<TakenBack>({ text: '', occasion: 0 })

  function connectWith(token: string): void {
    settings.rememberToken(token)
    chat.connectWith(token)
  }

  // A stable function: a new one would re-render every message.
  const takeBack = useCallback(
    (key: string) => {
      const text = chat.withdraw(key)
      if (text !== undefined) setTakenBack(({ occasion }) => ({ text, occasion: occasion + 1 }))
    },
    [chat],
  )

  const conversation = conversations.get(room) ?? []
  const credentials = { authToken, onToken: connectWith, fetchToken }
  return (
    <ApolloProvider client={chat.client}>
      <div className="page">
        <Menu room={room} rooms={rooms} {...credentials} />
        <main className="room">
          <header className="room-header">
            <MenuButton />
            <h1 className="room-name" dir="auto">
              {room}
            </h1>
            <ConnectionState
              status={status}
              onConnectNow={() => {
                chat.connectNow()
                focusComposer()
              }}
            />
            <LanguagePicker
              picked={languages}
              onPick={(picked) => {
                settings.rememberLanguages(picked)
                setLanguages(picked)
              }}
            />
            <ShareLink />
          </header>
          {status.state === 'refused' && (
            <AccessForm
              reason={status.reason}
              {...credentials}
              onToken={(token) => {
                connectWith(token)
                focusComposer()
              }}
            />
          )}
          {isIncomplete && (
            <div className="notice" role="alert">
              <p>Messages that were written while this page was not connected may be missing here.</p>
              <button
                type="button"
                onClick={() => {
                  chat.acceptLoss()
                  focusComposer()
                }}
              >
                Go on
              </button>
            </div>
          )}
          {refusal === undefined && (
            <Following
              key={room}
              chatId={room}
              languages={languages}
              onMessage={chat.deliver}
              onRefused={chat.refuse}
            />
          )}
          <Transcript
            key={`transcript of ${room}`}
            room={room}
            conversation={conversation}
            languages={languages}
            onSendAgain={chat.sendAgain}
            onTakeBack={takeBack}
          />
          {refusal === undefined && (
            <Company
              key={`company of ${room}`}
              chatId={room}
              name={name.trim()}
              self={chat.self}
              newest={conversation.at(-1)}
              onSmall={setIsSmall}
            />
          )}
          <Composer
            takenBack={takenBack}
            name={name}
            onName={(changed) => {
              settings.rememberName(changed)
              setName(changed)
            }}
            onWriting={() => {
              if (isSmall) chat.tellWriting(room, name.trim())
            }}
            onSend={(text) => {
              chat.write({ chatId: room, text, author: name.trim() })
            }}
          />
        </main>
      </div>
    </ApolloProvider>
  )
}
