/**
 * Frames that keep a connection open and that clients ignore.
 *
 * `graphql-transport-ws` has `ping`, which clients answer. The legacy protocol has `ka`, but it does not fit: after the
 * first one, subscriptions-transport-ws 0.11 expects one every 30 s (its `timeout`) and closes the connection if none
 * comes. It ignores the end of an operation that it does not know, and no library uses this id.
 */
export const keepAliveFrames = {
  current: JSON.stringify({ type: 'ping' }),
  legacy: JSON.stringify({ type: 'complete', id: 'keep-alive' }),
} as const
