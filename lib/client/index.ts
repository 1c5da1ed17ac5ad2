export { createConnection } from './connection'
export type { Connection, ConnectionOptions, IncompleteSubscription } from './options'
export type { ConnectionState } from './state'
