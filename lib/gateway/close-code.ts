/**
 * What comes without a close frame (RFC 6455, section 7.1.5), and what API Gateway ends itself because something failed: the peer may
 * have been out of reach for minutes by then.
 */
const abnormal: ReadonlySet<number> = new Set([1006, 1011, 1012, 1013, 1014, 1015])

/**
 * Whether a connection ended when it was noticed: with a close frame of one side, or for its age or silence (1001). Emulators leave the
 * code out; a socket on the same machine ends at once.
 */
export function endedExactly(closeCode: number | undefined): boolean {
  return closeCode === undefined || !abnormal.has(closeCode)
}
