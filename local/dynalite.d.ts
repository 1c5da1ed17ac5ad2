/** dynalite 4 brings no types: this is the part that local/dynamodb.ts uses. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  interface Options {
    /** How long a new table stays in CREATING, 500 by default. */
    readonly createTableMs?: number
  }

  /** A DynamoDB in memory. It does not listen until `listen` is called; `close` also closes the store. */
  export default function dynalite(options?: Options): Server
}
