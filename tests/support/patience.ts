/**
 * The longest wait for a single thing, after which a test reports what is missing. Usually it arrives within a second.
 * It takes longer only on a machine with more work than processors, or while serverless-offline loads a function at its
 * first event.
 */
export const patienceMs = 40_000
