/** How it stands with a connection, for an application to show. */
export type ConnectionState =
  /** `closed`: the library has no socket open. `catchingUp`: connected, and what was missed is on its way. */
  | { readonly state: 'closed' | 'connecting' | 'catchingUp' | 'live' }
  /**
   * The connection is lost. The next attempt comes at `untilMs`, in epoch milliseconds. `offline`: the browser knows of
   * no network. `reason` says what ended the connection, in English; empty if nothing did.
   */
  | { readonly state: 'waiting' | 'offline'; readonly untilMs: number; readonly reason: string }
  /**
   * The service has refused the connection for the given reason. No other attempt is made until `reconnect` is called
   * or, if `whenRefused` is `fail`, the next operation begins.
   */
  | { readonly state: 'refused'; readonly reason: string }
