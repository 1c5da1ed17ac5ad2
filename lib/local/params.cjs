'use strict'

/**
 * Checks the params of a stage that allow only certain values, where they end up. Returns a message for the user;
 * undefined if all are valid. What an application leaves out is not checked.
 *
 * @param {{ functions: Record<string, { environment?: Record<string, unknown> }>, provider: { environment?:
 * Record<string, unknown> }, resources: { extensions?: Record<string, { Properties?: Record<string, unknown> }>,
 * Resources?: Record<string, { DeletionPolicy?: string }> } }} service
 * @returns {string | undefined}
 */
exports.wrongParam = function wrongParam({ functions, provider, resources: { extensions, Resources } }) {
  const settings = functions.default?.environment ?? {}
  const numbers = {
    messagesTtlSeconds: settings.MESSAGES_TTL_SECONDS,
    resumeReachSeconds: settings.RESUME_REACH_SECONDS,
    operationsPer10Seconds: settings.MAX_OPERATIONS_PER_10_SECONDS,
  }
  for (const [param, value = ''] of Object.entries(numbers)) {
    if (!/^([1-9]\d*)?$/.test(value))
      return `Expected the param "${param}" to be a whole number above 0, got "${value}".`
  }
  const choices = [
    ['logLevel', provider.environment?.POWERTOOLS_LOG_LEVEL, ['DEBUG', 'INFO', 'WARN', 'ERROR']],
    ['ipAddressType', extensions?.HttpApi?.Properties?.IpAddressType, ['ipv4', 'dualstack']],
    ['tablePolicy', Resources?.ClientsTable?.DeletionPolicy, ['RetainExceptOnCreate', 'Retain', 'Delete']],
  ]
  const wrong = choices.find(([, value, allowed]) => value !== undefined && !allowed.includes(value))
  if (!wrong) return undefined
  const [param, value, allowed] = wrong
  return `Expected the param "${param}" to be ${allowed.map((each) => `"${each}"`).join(' or ')}, got "${value}".`
}
