export { type Connection, type ConnectionOptions, createConnection, type IncompleteSubscription } from './connection'
export type { ConnectionState } from './state'
