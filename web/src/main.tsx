import { createRoot } from 'react-dom/client'
import { createChat } from './chat'
import { localTokens } from './connection/local-tokens'
import { webSocketUrl } from './connection/web-socket-url'
import { protocolOfAddress, settings } from './settings'
import { App } from './view/app'
import './style.css'

const { VITE_TOKEN_URL: tokenUrl } = import.meta.env

const chat = createChat({
  url: webSocketUrl(),
  protocol: protocolOfAddress(location.search),
  authToken: settings.token(),
  now: () => new Date(),
})

const page = document.getElementById('page')
if (page)
  createRoot(page).render(<App chat={chat} fetchToken={tokenUrl === undefined ? undefined : localTokens(tokenUrl)} />)
