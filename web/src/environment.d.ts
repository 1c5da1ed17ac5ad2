interface ImportMetaEnv {
  /** Where the service's WebSocket API is; the one of `npm start` where it is not set. */
  readonly VITE_WEBSOCKET_URL?: string
}
