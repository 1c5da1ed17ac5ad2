/**
 * What keeps a connection open, and is nothing to its client.
 *
 * `graphql-transport-ws` has `ping`, which clients answer. The legacy protocol has `ka`, but not for this: at the first one
 * subscriptions-transport-ws 0.11 begins to expect one every 30 s (its `timeout`), and closes the connection when none comes. It
 * ignores the end of an operation that it does not have, and no library gives an operation this id.
 */
export const keepAliveFrames = {
  current: JSON.stringify({ type: 'ping' }),
  legacy: JSON.stringify({ type: 'complete', id: 'keep-alive' }),
} as const
