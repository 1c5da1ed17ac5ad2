import { createRoot } from 'react-dom/client'
import { createChat } from './chat'
import { localTokens } from './connection/local-tokens'
import { protocolOfAddress, settings } from './settings'
import { App } from './view/app'
import './style.css'

const {
  VITE_WEBSOCKET_URL: webSocketUrl,
  VITE_WEBSOCKET_PORT: port = '3001',
  VITE_TOKEN_URL: tokenUrl,
} = import.meta.env

const chat = createChat({
  url: webSocketUrl ?? `${location.protocol.replace('http', 'ws')}//${location.hostname}:${port}`,
  protocol: protocolOfAddress(location.search),
  authToken: settings.token(),
  now: () => new Date(),
})

const page = document.getElementById('page')
if (page)
  createRoot(page).render(<App chat={chat} fetchToken={tokenUrl === undefined ? undefined : localTokens(tokenUrl)} />)
