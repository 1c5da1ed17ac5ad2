/** The HTTP status of an SDK's error. Its name may be missing: a 410 of serverless-offline has no body. */
export function sdkStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}
