/** Where the WebSocket API is: the one that the page was built for, or else the local one on the page's own host. */
export function webSocketUrl(): string {
  const { VITE_WEBSOCKET_URL: built, VITE_WEBSOCKET_PORT: port = '3001' } = import.meta.env
  return built ?? `${location.protocol.replace('http', 'ws')}//${location.hostname}:${port}`
}
