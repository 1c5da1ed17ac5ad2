/**
 * Where a regional service is: at its endpoint in the region, unless the SDK's own variables name another, that of the service
 * or that of all ("Service-specific endpoints", AWS SDKs and tools reference guide).
 *
 * @param service as in the host's name, `dynamodb`; in capitals it is also the end of the variable
 */
export function serviceUrl({
  service,
  region,
  environment = process.env,
}: {
  service: string
  region: string
  environment?: NodeJS.ProcessEnv
}): URL {
  const override = environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? environment['AWS_ENDPOINT_URL']
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return new URL(override ?? `https://${service}.${region}.${suffix}`)
}
