/**
 * How long a test waits for one thing before it says what is missing. What a test waits for comes within a second; only
 * a machine with more work than processors takes longer, and a function of serverless-offline starts on its first
 * event.
 */
export const patienceMs = 40_000
