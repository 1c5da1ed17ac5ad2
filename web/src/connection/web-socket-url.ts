/** The URL of the WebSocket API: the one the page was built for, or the local one on the page's own host. */
export function webSocketUrl(): string {
  const { VITE_WEBSOCKET_URL: built, VITE_WEBSOCKET_PORT: port = '3001' } = import.meta.env
  return built ?? `${location.protocol.replace('http', 'ws')}//${location.hostname}:${port}`
}
