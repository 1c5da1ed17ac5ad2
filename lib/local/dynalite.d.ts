/** dynalite 4 has no types: this is the part that local/dynamodb.ts uses. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  interface Options {
    /** How long a new table stays in CREATING, 500 by default. */
    readonly createTableMs?: number
  }

  /** A DynamoDB in memory. It listens once `listen` is called; `close` also closes the store. */
  export default function dynalite(options?: Options): Server
}

declare module 'dynalite/db' {
  interface ConditionError extends Error {
    readonly body: Record<string, unknown>
  }
  const database: {
    /** Nothing if the item meets the condition of a write. */
    checkConditional: (
      input: Readonly<Record<string, unknown>>,
      item: object | undefined,
    ) => ConditionError | null | undefined
  }
  export default database
}

declare module 'dynalite/validations/*' {
  /** The parameters of an operation. */
  const validation: { readonly types: Record<string, unknown> }
  export default validation
}
