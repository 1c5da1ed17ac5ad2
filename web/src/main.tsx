import { createRoot } from 'react-dom/client'
import { createChat } from './chat'
import { localTokens } from './connection/local-tokens'
import { protocolOfAddress, settings } from './settings'
import { App } from './view/app'
import './style.css'

const { VITE_WEBSOCKET_URL: webSocketUrl, VITE_TOKEN_URL: tokenUrl } = import.meta.env

const chat = createChat({
  url: webSocketUrl ?? 'ws://localhost:3001',
  protocol: protocolOfAddress(location.search),
  authToken: settings.token(),
  newKey: () => crypto.randomUUID(),
  now: () => new Date(),
})

// A network that comes back is no reason to sit out the count-down.
addEventListener('online', () => {
  if (chat.state().status.state === 'waiting') chat.connectNow()
})

const page = document.getElementById('page')
if (page)
  createRoot(page).render(<App chat={chat} fetchToken={tokenUrl === undefined ? undefined : localTokens(tokenUrl)} />)
