/**
 * How long the SDK's clients wait, in milliseconds. By themselves they wait for an answer until the Lambda ends, and a client of ours
 * with them. The SDK makes three tries.
 */
export const sdkTimeOuts = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const
