import { ApolloProvider } from '@apollo/client/react'
import { useCallback, useState, useSyncExternalStore } from 'react'
import type { Chat } from '../chat'
import type { FetchToken } from '../connection/local-tokens'
import { settings } from '../settings'
import { AccessForm } from './access-form'
import { Composer, type TakenBack } from './composer'
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

/** The whole page: one room at a time, and the way to the others. */
export function App({ chat, fetchToken }: AppProps) {
  const { client, status, authToken, conversations } = useSyncExternalStore(chat.subscribe, chat.state)
  const { room, rooms } = useRoom()
  const [name, setName] = useState(settings.name)
  const [languages, setLanguages] = useState(settings.languages)
  const [takenBack, setTakenBack] = useState<TakenBack>({ text: '', occasion: 0 })

  function connectWith(token: string): void {
    settings.rememberToken(token)
    chat.connectWith(token)
  }

  // The same function each time, or every message would be drawn again with it.
  const takeBack = useCallback(
    (key: string) => {
      const text = chat.withdraw(key)
      if (text !== undefined) setTakenBack(({ occasion }) => ({ text, occasion: occasion + 1 }))
    },
    [chat],
  )

  const credentials = { authToken, onToken: connectWith, fetchToken }
  return (
    <ApolloProvider client={client}>
      <div className="page">
        <Menu room={room} rooms={rooms} {...credentials} />
        <main className="room">
          <header className="room-header">
            <MenuButton />
            <h1 className="room-name">{room}</h1>
            <ConnectionState status={status} onConnectNow={chat.connectNow} />
            <LanguagePicker
              picked={languages}
              onPick={(picked) => {
                settings.rememberLanguages(picked)
                setLanguages(picked)
              }}
            />
            <ShareLink />
          </header>
          {(status.state === 'refused' || (status.state === 'waiting' && status.unacknowledged)) && (
            <AccessForm status={status} {...credentials} />
          )}
          <Following
            key={room}
            chatId={room}
            languages={languages}
            onMessage={chat.deliver}
            onRefused={chat.refuse}
            onTryAgain={chat.connectNow}
          />
          <Transcript
            key={`transcript of ${room}`}
            room={room}
            conversation={conversations.get(room) ?? []}
            languages={languages}
            onSendAgain={chat.sendAgain}
            onTakeBack={takeBack}
          />
          <Composer
            takenBack={takenBack}
            name={name}
            onName={(changed) => {
              settings.rememberName(changed)
              setName(changed)
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
