/**
 * How long the SDK's clients wait, in milliseconds. By themselves they wait for an answer until the Lambda ends, and a client of ours
 * with them. Three tries, which is what the SDK makes, fit into the ten seconds that `connect` has.
 */
export const sdkTimeOuts = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const
