/** Browsers tell by these that the network or the page has gone, or is back. */
export const wakes = ['online', 'offline', 'visibilitychange', 'pageshow'] as const

export function isOffline(): boolean {
  return (globalThis as { navigator?: { readonly onLine?: boolean } }).navigator?.onLine === false
}

/** What tells of an event: the document of a change of visibility, the window of the others. Node has neither. */
export function target(event: string): EventTarget | undefined {
  const { document, window } = globalThis as { document?: EventTarget; window?: EventTarget }
  return event === 'visibilitychange' ? document : window
}
