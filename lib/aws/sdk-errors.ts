/** The HTTP status of an SDK's error. Go by it, not by the error's name: a 410 of serverless-offline has no body that has one. */
export function sdkStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}
