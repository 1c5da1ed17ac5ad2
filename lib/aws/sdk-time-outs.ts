/**
 * Time-outs of the SDK's clients in milliseconds. By default, they wait for an answer until the Lambda is ended. A
 * client makes three attempts.
 */
export const sdkTimeOuts = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const
