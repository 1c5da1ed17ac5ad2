import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import { GraphiQL } from 'graphiql'
import { createClient } from 'graphql-ws'
import { useEffect, useMemo, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { webSocketUrl } from '../connection/web-socket-url'
import { settings } from '../settings'
import { TokenField } from '../view/token-field'
import { examples } from './examples'
import { fetcherOver } from './fetcher'
import './console.css'

/** GraphiQL over graphql-ws, with a token field. */
function Console() {
  const [token, setToken] = useState(settings.token)
  const client = useMemo(
    () => createClient({ url: webSocketUrl(), connectionParams: token === '' ? {} : { authToken: token } }),
    [token],
  )
  useEffect(() => () => void client.dispose(), [client])
  const fetcher = useMemo(() => fetcherOver(client), [client])
  return (
    <>
      <header>
        <TokenField
          authToken={token}
          onToken={(given) => {
            settings.rememberToken(given)
            setToken(given)
          }}
        />
      </header>
      <main>
        <GraphiQL fetcher={fetcher} defaultQuery={examples} defaultEditorToolsVisibility={false}>
          <GraphiQL.Logo>
            <h1>Console</h1>
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  )
}

const page = document.getElementById('page')
if (page) createRoot(page).render(<Console />)
