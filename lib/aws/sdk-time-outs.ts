/**
 * Time-outs for clients of the AWS SDK, in milliseconds. By default, such a client waits for a response until the
 * Lambda is terminated. A client makes three attempts.
 */
export const sdkTimeOuts = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const
