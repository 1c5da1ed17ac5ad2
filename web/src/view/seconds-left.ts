/** Whole seconds until `untilMs`, rounded up, as in a count-down; 0 once the time has come. */
export function secondsLeft(untilMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((untilMs - nowMs) / 1_000))
}
