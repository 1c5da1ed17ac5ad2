type Fields = Readonly<Record<string, unknown>>

/** Writes one line of JSON to the function's log. Fields must never hold a token, a message's text or connection parameters. */
export const log = {
  info: (message: string, fields: Fields = {}): void => {
    write('INFO', message, fields)
  },
  error: (message: string, fields: Fields = {}): void => {
    write('ERROR', message, fields)
  },
}

function write(level: string, message: string, fields: Fields): void {
  console.log(JSON.stringify({ level, message, ...fields }, replaceErrors))
}

function replaceErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value
  return {
    name: value.name,
    message: value.message,
    stack: value.stack,
    ...(value.cause ? { cause: value.cause } : {}),
  }
}

/** Logs an error that was kept from the client, under the id that the client was given. */
export function logMaskedError(error: Error, id: string): void {
  log.error('An error was kept from the client.', { id, error })
}
