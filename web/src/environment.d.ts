interface ImportMetaEnv {
  /** Where the service's WebSocket API is; the one of `npm start` where it is not set. */
  readonly VITE_WEBSOCKET_URL?: string
  /** Where the local issuer of `npm start` answers tokens; not set where another issuer does. */
  readonly VITE_TOKEN_URL?: string
}
