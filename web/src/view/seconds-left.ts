/** Whole seconds until `untilMs`, as a count-down shows them: 1 until the time has come, then 0. */
export function secondsLeft(untilMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((untilMs - nowMs) / 1_000))
}
