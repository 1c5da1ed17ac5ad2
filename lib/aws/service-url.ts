/**
 * The domains of partitions by the beginnings of their regions' names, as in @aws-sdk/core 3.981 (`partitions.js`,
 * November 2026). `aws` and `aws-us-gov` have `amazonaws.com`.
 */
const partitionDomains = {
  'cn-': 'amazonaws.com.cn',
  'eusc-': 'amazonaws.eu',
  'us-iso-': 'c2s.ic.gov',
  'us-isob-': 'sc2s.sgov.gov',
  'eu-isoe-': 'cloud.adc-e.uk',
  'us-isof-': 'csp.hci.ic.gov',
}

/**
 * The address of a regional service: its endpoint in the region, unless the SDK's variable for the service or for all
 * services names another ("Service-specific endpoints", AWS SDKs and tools reference guide).
 *
 * @param service as in the name of its host, `dynamodb`; in capitals it ends the name of its variable
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
  const overrides = [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, 'AWS_ENDPOINT_URL'].map((name) => environment[name])
  const override = overrides.find((url) => url !== undefined && url !== '')
  const [, domain = 'amazonaws.com'] =
    Object.entries(partitionDomains).find(([start]) => region.startsWith(start)) ?? []
  return new URL(override ?? `https://${service}.${region}.${domain}`)
}
