interface ImportMetaEnv {
  /** URL of the WebSocket API. Default: the host of the page. */
  readonly VITE_WEBSOCKET_URL?: string
  /** Port of the WebSocket API on the host of the page. Default: 3001. */
  readonly VITE_WEBSOCKET_PORT?: string
  /** Token endpoint of the local issuer that `npm start` runs; not set in a deployed page. */
  readonly VITE_TOKEN_URL?: string
}
