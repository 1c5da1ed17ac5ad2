/** The HTTP status of an SDK error. Its name may be missing: a 410 of serverless-offline has no body to tell it. */
export function sdkStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}
