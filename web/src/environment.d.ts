interface ImportMetaEnv {
  /** Where the service's WebSocket API is. If it is not set, the page asks the host that it came from. */
  readonly VITE_WEBSOCKET_URL?: string
  /** The port of the WebSocket API on that host: 3001 if it is not set. */
  readonly VITE_WEBSOCKET_PORT?: string
  /** Where the local issuer of `npm start` answers tokens; not set where another issuer does. */
  readonly VITE_TOKEN_URL?: string
}
